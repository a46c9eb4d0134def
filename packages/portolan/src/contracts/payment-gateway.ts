import assert from 'node:assert/strict'
import type { Amount, PaymentGateway } from '../ports/payment-gateway.ts'
import { contract } from './contract.ts'
import { failure } from './failure.ts'

/** What the gateway does with the next request, instead of what it should. */
export type PaymentFault =
  /** Moves the money, and never answers. */
  | 'hang'
  /** Moves the money, and resets the connection. */
  | 'reset'
  /** Moves nothing, and says that it is out of order. */
  | 'unavailable'
  /** Refuses the credential. */
  | 'unauthenticated'

export interface PaymentGatewayHarness extends AsyncDisposable {
  readonly gateway: PaymentGateway
  /** One that gives up an attempt after about half a second, and has several. */
  readonly impatient: PaymentGateway
  readonly unreachable: PaymentGateway
  /** An amount that is declined. */
  readonly declined: Amount
  /** The money that moved, oldest first: amounts as decimal text, refunds negative. */
  movements(): Promise<readonly { readonly amount: string; readonly reference: string }[]>
  /** Needs the capability `faults`. */
  fail(fault: PaymentFault): Promise<void>
}

const amount: Amount = { units: 12_345n, scale: 3, currency: 'GBP' }
const order = { amount, reference: 'order-42', customer: 'c-7' }

/** What every payment gateway must do. */
export const paymentGatewayContract = contract<PaymentGatewayHarness>('payment-gateway', [
  {
    name: 'charges exact amounts',
    async run({ gateway, movements }) {
      const payment = await gateway.charge({ ...order, idempotencyKey: 'k-1' })
      assert.equal(payment.status, 'succeeded')
      const huge = { units: 10n ** 20n + 1n, scale: 2, currency: 'GBP' }
      await gateway.charge({ ...order, amount: huge, reference: 'huge', idempotencyKey: 'k-2' })
      await gateway.charge({
        ...order,
        amount: { ...amount, units: 5n },
        reference: 'small',
        idempotencyKey: 'k-3',
      })
      assert.deepEqual(await movements(), [
        { amount: '12.345', reference: 'order-42' },
        { amount: '1000000000000000000.01', reference: 'huge' },
        { amount: '0.005', reference: 'small' },
      ])
    },
  },
  {
    name: 'gives money back, of a charge and without one',
    async run({ gateway, movements }) {
      const charge = await gateway.charge({ ...order, idempotencyKey: 'k-1' })
      const part = { ...amount, units: 345n }
      const refund = await gateway.refund({
        ...order,
        amount: part,
        charge: charge.id,
        idempotencyKey: 'k-2',
      })
      assert.equal(refund.status, 'succeeded')
      assert.notEqual(refund.id, charge.id)
      await gateway.refund({ ...order, reference: 'C1', idempotencyKey: 'k-3' })
      assert.deepEqual(
        (await movements()).map(movement => movement.amount),
        ['12.345', '-0.345', '-12.345'],
      )
    },
  },
  {
    name: 'moves money once a key, and answers the same again',
    async run({ gateway, movements }) {
      const request = { ...order, idempotencyKey: 'k-1' }
      const answers = await Promise.all([
        gateway.charge(request),
        gateway.charge(request),
        gateway.charge(request),
      ])
      assert.equal(new Set(answers.map(({ id }) => id)).size, 1)
      assert.equal((await movements()).length, 1)
    },
  },
  {
    name: 'answers a decline with its reason',
    async run({ gateway, declined, movements }) {
      const payment = await gateway.charge({ ...order, amount: declined, idempotencyKey: 'k-1' })
      assert.equal(payment.status, 'declined')
      assert.ok(payment.reason)
      assert.deepEqual(await movements(), [])
    },
  },
  {
    name: 'refuses what cannot be before it is sent, naming the field',
    async run({ gateway, movements }) {
      const wrong: readonly [string, object][] = [
        ['amount.units', { amount: { ...amount, units: 0n } }],
        ['amount.units', { amount: { ...amount, units: -1n } }],
        ['amount.scale', { amount: { ...amount, scale: -1 } }],
        ['amount.currency', { amount: { ...amount, currency: 'pounds' } }],
        ['reference', { reference: '' }],
        ['customer', { customer: ' ' }],
        ['idempotencyKey', { idempotencyKey: '' }],
      ]
      for (const [field, part] of wrong) {
        const error = await failure(gateway.charge({ ...order, idempotencyKey: 'k-1', ...part }))
        assert.equal(error.code, 'invalid_argument')
        assert.equal(error.details.field, field)
      }
      assert.deepEqual(await movements(), [])
    },
  },
  {
    name: 'refuses to use a key for something else',
    async run({ gateway, movements }) {
      await gateway.charge({ ...order, idempotencyKey: 'k-1' })
      const other = { ...order, amount: { ...amount, units: 1n }, idempotencyKey: 'k-1' }
      const error = await failure(gateway.charge(other))
      assert.ok(['conflict', 'invalid_argument'].includes(error.code), error.code)
      assert.equal((await movements()).length, 1)
    },
  },
  {
    name: 'says that nothing was sent when there is no connection',
    async run({ unreachable }) {
      const error = await failure(unreachable.charge({ ...order, idempotencyKey: 'k-1' }))
      assert.equal(error.code, 'unavailable')
      assert.equal(error.details.outcome, 'not_sent')
      assert.equal(error.retry, 'later')
    },
  },
  {
    name: 'asks again after a lost answer, and money moves once',
    requires: 'faults',
    async run({ impatient, movements, fail }) {
      for (const fault of ['hang', 'reset', 'unavailable'] as const) {
        const before = (await movements()).length
        await fail(fault)
        const payment = await impatient.charge({ ...order, reference: fault, idempotencyKey: `k-${fault}` })
        assert.equal(payment.status, 'succeeded')
        assert.equal((await movements()).length, before + 1, fault)
      }
    },
  },
  {
    name: 'does not ask again with a credential that is refused',
    requires: 'faults',
    async run({ gateway, movements, fail }) {
      await fail('unauthenticated')
      const error = await failure(gateway.charge({ ...order, idempotencyKey: 'k-1' }))
      assert.equal(error.code, 'unauthenticated')
      assert.equal(error.retry, 'never')
      assert.deepEqual(await movements(), [])
    },
  },
])
