import type { Surroundings } from 'portolan/runtime'
import type { Faults } from '../faults/faults.ts'
import type { Feed } from '../feed.ts'
import type { Store } from '../store/store.ts'
import { micros } from './decimal.ts'
import type { PaymentFaults } from './faults.ts'
import type { EventRow, Ledger } from './ledger.ts'
import {
  type PaymentObject,
  type PaymentRecord,
  type PaymentRecordStatus,
  type PaymentRow,
  toPaymentRecord,
} from './payment-record.ts'
import type { PaymentRequest } from './payment-request.ts'

export interface GatewayOptions extends Surroundings {
  readonly store: Store
  readonly ledger: Ledger
  readonly faults: Faults<PaymentFaults>
  readonly push: (event: EventRow) => void
  readonly events: Feed<PaymentRecord>
}

export interface Answer {
  readonly json: string
  readonly replayed: boolean
  /** The client shall not hear of it in time. */
  readonly late: boolean
}

export interface Refusal {
  readonly status: 409 | 422
  readonly code: string
  readonly detail: string
}

interface Outcome {
  readonly status: PaymentRecordStatus
  readonly reason: string | null
  readonly late: boolean
  readonly twice: boolean
}

const succeeded: Outcome = { status: 'succeeded', reason: null, late: false, twice: false }
const settleAfterMs = 2_000

/** Decides charges and refunds: one for each idempotency key, whatever happens to the process or to the answer. */
export function createGateway(options: GatewayOptions) {
  const { clock, ids, random, store, ledger, faults, push } = options
  const id = (prefix: string) => `${prefix}_${ids.next().replaceAll('-', '')}`

  return {
    /** Resolves once it is stored. */
    async make(object: PaymentObject, request: PaymentRequest, key: string): Promise<Answer | Refusal> {
      const { amount, currency, reference, customer, charge = null } = request
      const asked = JSON.stringify([object, amount, currency, reference, customer, charge])
      const answered = ledger.answered(key)
      if (answered) {
        if (answered.request !== asked) return keyReused
        // The first answer may still wait for its commit.
        await store.committed()
        return { json: answered.answer, replayed: true, late: false }
      }
      const refused = charge === null ? undefined : refundRefusal(charge, amount, currency)
      if (refused) return refused

      const { status, reason, late, twice } = object === 'charge' ? chargeOutcome(request) : succeeded
      const created = clock.now()
      const settleAt = status === 'pending' ? created + settleAfterMs : null
      const row = ledger.add(
        { id: id(object === 'charge' ? 'ch' : 're'), object, status, reason, ...request, charge, created },
        settleAt,
      )
      const json = JSON.stringify(toPaymentRecord(row))
      ledger.keep(key, asked, json)
      const event = tell(row, json, twice)
      await store.committed()
      push(event)
      publish(row)
      if (settleAt !== null) settleLater(row.id, settleAt)
      return { json, replayed: false, late }
    },

    /** A pending payment of an earlier process. */
    settleAt: settleLater,
  }

  function refundRefusal(charge: string, amount: string, currency: string): Refusal | undefined {
    const row = ledger.find(charge)
    if (row?.object !== 'charge')
      return { status: 422, code: 'charge_not_found', detail: `There is no charge ${charge}.` }
    if (row.status !== 'succeeded') {
      return { status: 422, code: 'charge_not_succeeded', detail: `The charge is ${row.status}.` }
    }
    if (row.currency !== currency) {
      return { status: 422, code: 'currency_differs', detail: `The charge is in ${row.currency}.` }
    }
    const left = micros(row.amount) - ledger.refunded(charge)
    if (micros(amount) > left) {
      return { status: 422, code: 'refund_exceeds_charge', detail: 'More than what is left of the charge.' }
    }
    return undefined
  }

  function chargeOutcome({ amount, customer }: PaymentRequest): Outcome {
    const { testAmounts, declineRate, pendingRate } = faults.current
    const decision = ledger.takeDecision(customer)
    if (decision === 'decline') return declined('card_declined')
    if (decision === 'timeout') return { ...succeeded, late: true }
    const value = micros(amount)
    const rule = Object.entries(testAmounts).find(([test]) => micros(test) === value)?.[1]
    if (rule === 'timeout') return { ...succeeded, late: true }
    if (rule === 'duplicate_webhook') return { ...succeeded, twice: true }
    if (rule === 'pending') return { ...succeeded, status: 'pending' }
    if (rule !== undefined) return declined(rule)
    if (declineRate > 0 && random.next() < declineRate) return declined('card_declined')
    if (pendingRate > 0 && random.next() < pendingRate) return { ...succeeded, status: 'pending' }
    return succeeded
  }

  function tell(row: PaymentRow, json: string, twice: boolean): EventRow {
    const at = clock.now()
    const event = id('evt')
    const body = `{"id":"${event}","type":"${row.object}.${row.status}","created":${Math.floor(at / 1000)},"data":${json}}`
    return ledger.addEvent({ id: event, payment: row.id, body, at, twice: twice ? 1 : 0 })
  }

  function settleLater(payment: string, at: number): void {
    clock.timer(Math.max(0, at - clock.now()), () => {
      // A stopped emulator settles it after its next start.
      if (store.closed) return
      void settle(payment).catch(cause =>
        options.logger.error('payment not settled', { payment, error: cause }),
      )
    })
  }

  async function settle(payment: string): Promise<void> {
    ledger.settle('succeeded', payment)
    const row = ledger.find(payment)!
    const event = tell(row, JSON.stringify(toPaymentRecord(row)), false)
    await store.committed()
    push(event)
    publish(row)
  }

  function publish(row: PaymentRow): void {
    if (options.events.watched) options.events.publish(toPaymentRecord(row))
  }
}

const declined = (reason: string): Outcome => ({ status: 'declined', reason, late: false, twice: false })

const keyReused: Refusal = {
  status: 409,
  code: 'idempotency_key_reused',
  detail: 'The Idempotency-Key belongs to a different request. Use a new key for a new request.',
}
