import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { casesFor } from '../../src/contracts/contract.ts'
import { failure } from '../../src/contracts/failure.ts'
import { type PaymentGatewayHarness, paymentGatewayContract } from '../../src/contracts/payment-gateway.ts'
import { InfrastructureError } from '../../src/ports/errors.ts'
import { decimalText, parseAmount } from '../../src/services/amount.ts'
import { parsePaymentWebhook, paymentApi, signPaymentPayload } from '../../src/services/index.ts'
import { json, localServer, nowhere } from './local-server.ts'
import { openPaymentServer } from './payment-server.ts'

const apiKey = 'the-key'
const charge = {
  id: 'ch_1',
  object: 'charge',
  status: 'succeeded',
  amount: '12.345',
  currency: 'GBP',
  reference: 'order-42',
  customer: 'c-7',
  created: 1_749_854_575,
}

describe('paymentApi', () => {
  for (const item of casesFor(paymentGatewayContract, { faults: true }, openHarness))
    test(item.name, item.run)

  test('does not believe an answer that is no charge', async () => {
    for (const wrong of [
      { ...charge, object: 'refund' },
      { ...charge, status: 'odd' },
      { ...charge, amount: '1e3' },
      [],
    ]) {
      await using server = await localServer(({ response }) => json(response, 201, wrong))
      await using gateway = paymentApi({ baseUrl: server.baseUrl, apiKey })
      const amount = { units: 1n, scale: 2, currency: 'GBP' }
      const request = { amount, reference: 'r', customer: 'c', idempotencyKey: 'k' }
      assert.equal((await failure(gateway.charge(request))).code, 'internal')
    }
  })
})

describe('amounts', () => {
  test('read as what they were written from', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 28n), 10n ** 28n), fc.integer({ min: 0, max: 12 }), (units, scale) => {
        const amount = { units, scale, currency: 'GBP' }
        assert.deepEqual(parseAmount(decimalText(amount), 'GBP'), amount)
      }),
    )
  })

  test('are nothing but decimal text', () => {
    for (const text of ['', '.5', '5.', '1e3', '1,5', ' 1', '+1', 'NaN'])
      assert.equal(parseAmount(text, 'GBP'), undefined)
  })
})

describe('parsePaymentWebhook', () => {
  const secret = 'webhook-secret'
  const at = new Date('2026-05-01T00:00:00Z')
  const clock = { now: () => at.getTime() }
  const event = { id: 'evt_1', type: 'charge.succeeded', created: 1_777_593_600, data: charge }
  const raw = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const parse = (value: unknown, signature = signPaymentPayload(raw(value), secret, at), now = clock) =>
    parsePaymentWebhook(raw(value), signature, secret, { clock: now })

  test('gives a typed event', () => {
    assert.deepEqual(parse(event), {
      id: 'evt_1',
      type: 'charge.succeeded',
      at: new Date('2026-05-01T00:00:00Z'),
      payment: {
        id: 'ch_1',
        kind: 'charge',
        status: 'succeeded',
        amount: { units: 12_345n, scale: 3, currency: 'GBP' },
        reference: 'order-42',
        customer: 'c-7',
      },
    })
    const refund = { ...charge, object: 'refund', status: 'declined', reason: 'too_late' }
    assert.equal(parse({ ...event, type: 'refund.declined', data: refund }).payment.reason, 'too_late')
  })

  test('refuses a signature that is missing, wrong, or of another body', () => {
    const good = signPaymentPayload(raw(event), secret, at)
    for (const signature of [
      '',
      't=1',
      good.replace(/v1=.*/, 'v1='),
      good.replace(/t=\d+/, 't=1'),
      signPaymentPayload(raw(event), 'another', at),
      signPaymentPayload(raw({}), secret, at),
    ])
      assert.throws(() => parse(event, signature), { code: 'unauthenticated' }, signature)
    assert.throws(() => parsePaymentWebhook(raw(event), undefined, secret), { code: 'unauthenticated' })
    assert.throws(() => parsePaymentWebhook(raw(event), good, ''), { code: 'invalid_argument' })
  })

  test('refuses a signature that is older than the tolerance, or of the future', () => {
    const signature = signPaymentPayload(raw(event), secret, at)
    for (const offsetMs of [301_000, -301_000])
      assert.throws(() => parse(event, signature, { now: () => at.getTime() + offsetMs }), {
        code: 'unauthenticated',
      })
    for (const offsetMs of [299_000, -299_000])
      parse(event, signature, { now: () => at.getTime() + offsetMs })
  })

  test('accepts either of two signatures, while the secret is replaced', () => {
    const [time, digest] = signPaymentPayload(raw(event), secret, at).split(',')
    parse(event, `${time},v1=${'0'.repeat(64)},${digest}`)
  })

  test('refuses a body of another shape, and throws nothing else for any', () => {
    for (const wrong of [null, [], {}, { ...event, type: 'charge.declined' }, { ...event, created: 'now' }])
      assert.throws(() => parse(wrong), { code: 'invalid_argument' })
    const key = fc.constantFrom('id', 'type', 'created', 'data', 'object', 'amount', 'status')
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue())), value => {
        assert.throws(
          () => parse(value),
          error => InfrastructureError.is(error, 'invalid_argument'),
        )
      }),
    )
  })
})

async function openHarness(): Promise<PaymentGatewayHarness> {
  const server = await openPaymentServer()
  const { baseUrl } = server
  const gateway = paymentApi({ baseUrl, apiKey })
  const impatient = paymentApi({ baseUrl, apiKey, retry: { attempts: 20, from: 1, attemptTimeout: 500 } })
  const unreachable = paymentApi({ baseUrl: await nowhere(), apiKey, retry: { from: 1, to: 5 } })
  return {
    gateway,
    impatient,
    unreachable,
    declined: { units: 1_099n, scale: 2, currency: 'GBP' },
    movements: async () => server.movements(),
    fail: async fault => server.fail(fault),
    async [Symbol.asyncDispose]() {
      for (const open of [gateway, impatient, unreachable]) await open.close()
      await server[Symbol.asyncDispose]()
    },
  }
}
