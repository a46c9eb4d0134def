import { createHmac } from 'node:crypto'
import type { Surroundings } from 'portolan/runtime'
import { createFaults, type Faults } from '../faults/faults.ts'
import { createFeed, type Feed } from '../feed.ts'
import type { Store } from '../store/store.ts'
import { createPoster } from '../webhooks/poster.ts'
import { createWebhookQueue } from '../webhooks/queue.ts'
import { type PaymentFaults, paymentFaults } from './faults.ts'
import { createGateway } from './gateway.ts'
import { createLedger, type EventRow, type NextPayment, type PaymentQuery } from './ledger.ts'
import { type PaymentObject, type PaymentRecord, toPaymentRecord } from './payment-record.ts'

export interface PaymentsOptions {
  /** The bearer token that the application must show. */
  readonly apiKey: string
  /** Signs the webhooks. */
  readonly webhookSecret: string
  /** Where webhooks go. They wait while it is unknown; see `subscribe`. */
  readonly webhookUrl?: string
}

/** A payment gateway. */
export interface Payments {
  /** The base URL of the API: `…/v1/charges` and `…/v1/refunds` are under it. */
  readonly url: string
  readonly faults: Faults<PaymentFaults>
  /** Every charge or refund that is made or settled. */
  readonly events: Feed<PaymentRecord>
  /** All charges, oldest first, read as they are asked for. */
  charges(query?: Pick<PaymentQuery, 'reference' | 'customer'>): Iterable<PaymentRecord>
  refunds(query?: Pick<PaymentQuery, 'reference' | 'customer'>): Iterable<PaymentRecord>
  find(id: string): PaymentRecord | undefined
  count(): { readonly charges: number; readonly refunds: number }
  /** Requests to the API since the start, refused ones included. */
  requests(): number
  /** Both, newest first. Default 50. */
  latest(limit?: number): PaymentRecord[]
  /** Decides the next charge of `customer` (as the application names it); the one after it is approved again. */
  decideNext(customer: string, decision: NextPayment): Promise<void>
  nextDecision(customer: string): NextPayment
  /** Sets the address of the webhook; what waits is delivered at once. */
  subscribe(webhookUrl: string): void
  pendingWebhooks(): number
}

export function createPayments(
  options: PaymentsOptions,
  store: Store,
  url: () => string,
  surroundings: Surroundings,
) {
  const { clock, random, logger } = surroundings
  const ledger = createLedger(store)
  const events = createFeed<PaymentRecord>()
  let requests = 0
  const poster = createPoster(
    body => {
      const timestamp = Math.floor(clock.now() / 1000)
      const digest = createHmac('sha256', options.webhookSecret).update(`${timestamp}.${body}`).digest('hex')
      return { 'payment-signature': `t=${timestamp},v1=${digest}` }
    },
    options.webhookUrl,
    16,
  )
  const faults = createFaults<PaymentFaults>(paymentFaults, () => queue.wake())
  const queue = createWebhookQueue({
    ...{ clock, random, logger, post: poster.post },
    faults: () => faults.current,
    // One event a delivery; those of one payment in order.
    ...{ batch: 1, lingerMs: 0, concurrency: 16 },
    encode: ([event]) => event!.json,
    settled(batch) {
      for (const { seq } of batch) ledger.acknowledge(seq)
    },
  })
  const push = ({ seq, payment, body, at, twice }: EventRow) =>
    queue.push({ seq, key: payment, json: body, at, twice: twice === 1 })
  const gateway = createGateway({ ...surroundings, store, ledger, faults, push, events })

  function* all(object: PaymentObject, query: PaymentQuery = {}): Iterable<PaymentRecord> {
    let after = 0
    for (;;) {
      const rows = ledger.list({ ...query, object, after, limit: 500 })
      for (const row of rows) yield toPaymentRecord(row)
      const last = rows.at(-1)
      if (!last) return
      after = last.seq
    }
  }

  const facade: Payments = {
    get url() {
      return `${url()}/payments`
    },
    faults,
    events,
    charges: query => all('charge', query),
    refunds: query => all('refund', query),
    find(id) {
      const row = ledger.find(id)
      return row && toPaymentRecord(row)
    },
    count: () => ledger.count() ?? { charges: 0, refunds: 0 },
    requests: () => requests,
    latest: (limit = 50) => ledger.latest(limit).map(toPaymentRecord),
    async decideNext(customer, decision) {
      ledger.decide(customer, decision)
      await store.committed()
    },
    nextDecision: customer => ledger.decision(customer),
    subscribe(webhookUrl) {
      poster.url = webhookUrl
      queue.wake()
    },
    pendingWebhooks: () => queue.size,
  }

  return {
    facade,
    gateway,
    ledger,
    arrived() {
      requests += 1
    },
    /** Takes up what the last process left. */
    resume(): void {
      for (const event of ledger.openEvents()) push(event)
      for (const { id, settle_at } of ledger.unsettled()) gateway.settleAt(id, settle_at)
    },
    drain: () => queue.close(),
    close: () => poster.close(),
  }
}
