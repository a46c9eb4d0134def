import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Emulators } from '../../src/index.ts'
import { charge, request, startEmulators, until } from '../support/emulators.ts'

let emulators: Emulators
before(async () => {
  emulators = await startEmulators()
})
after(() => emulators.stop())

const get = (path: string) =>
  request('GET', emulators.payments.url + path, undefined, { authorization: 'Bearer api-key' })
const refund = (key: string, body: object) => charge(emulators, key, body, '/v1/refunds')

test('a charge is answered with what was asked for, amount untouched', async () => {
  const { status, json } = await charge(emulators, 'a', { amount: '12.345', reference: 'order-7' })
  assert.equal(status, 201)
  const { id, created, ...rest } = json
  assert.match(id, /^ch_/)
  assert.equal(typeof created, 'number')
  assert.deepEqual(rest, {
    ...{ object: 'charge', status: 'succeeded', amount: '12.345', currency: 'GBP' },
    ...{ reference: 'order-7', customer: '447700900123' },
  })
  assert.deepEqual((await get(`/v1/charges/${id}`)).json, json)
  assert.deepEqual((await get('/v1/charges?reference=order-7')).json, { data: [json], has_more: false })
  assert.deepEqual([...emulators.payments.charges({ reference: 'order-7' })], [json])
})

test('the same key answers the same, also all at once; with another body it is a conflict', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => charge(emulators, 'same', { reference: 'once' })),
  )
  assert.equal(new Set(answers.map(answer => JSON.stringify(answer.json))).size, 1)
  assert.equal(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true').length, 7)
  assert.equal([...emulators.payments.charges({ reference: 'once' })].length, 1)

  const other = await charge(emulators, 'same', { reference: 'twice' })
  assert.deepEqual([other.status, other.json.code], [409, 'idempotency_key_reused'])
  assert.equal(other.headers.get('content-type'), 'application/problem+json; charset=utf-8')
  const asRefund = await refund('same', { reference: 'once' })
  assert.equal(asRefund.status, 409)
})

const wrong: readonly [name: string, body: object][] = [
  ['a number for an amount', { amount: 12.5 }],
  ['a negative amount', { amount: '-1.00' }],
  ['zero', { amount: '0.00' }],
  ['seven decimal places', { amount: '1.0000001' }],
  ['no amount', { amount: undefined }],
  ['a currency in lower case', { currency: 'gbp' }],
  ['no reference', { reference: '' }],
  ['an unknown property', { colour: 'red' }],
  ['a charge of a charge', { charge: 'ch_1' }],
]
for (const [name, body] of wrong) {
  test(`refused: ${name}`, async () => {
    const { status, json } = await charge(emulators, `wrong ${name}`, body)
    assert.deepEqual([status, json.status, json.code], [400, 400, 'invalid_request'])
    assert.ok(json.detail.length > 0)
  })
}

test('a key and the right credential are required', async () => {
  const url = `${emulators.payments.url}/v1/charges`
  const body = { amount: '1', currency: 'GBP', reference: 'r', customer: 'c' }
  const keyless = await request('POST', url, body, { authorization: 'Bearer api-key' })
  assert.deepEqual([keyless.status, keyless.json.code], [400, 'idempotency_key_required'])
  const stranger = await request('POST', url, body, { authorization: 'Bearer guess', 'idempotency-key': 'k' })
  assert.equal(stranger.status, 401)
  assert.equal((await get('/v1/charges/ch_nobody')).status, 404)
  assert.equal((await get('/v1/nothing')).status, 404)
})

test('refunds never exceed their charge; without one they are credits', async () => {
  const { json } = await charge(emulators, 'big', { amount: '10.005' })
  const part = { charge: json.id, reference: 'C1' }
  assert.equal((await refund('r1', { ...part, amount: '4.00' })).json.status, 'succeeded')
  const tooMuch = await refund('r2', { ...part, amount: '6.006' })
  assert.deepEqual([tooMuch.status, tooMuch.json.code], [422, 'refund_exceeds_charge'])
  assert.equal((await refund('r3', { ...part, amount: '6.005' })).status, 201)
  assert.equal((await refund('r4', { ...part, amount: '0.001' })).json.code, 'refund_exceeds_charge')
  assert.equal((await refund('r5', { charge: 'ch_none' })).json.code, 'charge_not_found')
  assert.equal((await refund('r6', { ...part, currency: 'EUR' })).json.code, 'currency_differs')
  assert.equal((await refund('r7', { amount: '99.00', reference: 'credit' })).status, 201)
  assert.deepEqual(
    [...emulators.payments.refunds()].map(item => item.amount),
    ['4.00', '6.005', '99.00'],
  )
})

test('test amounts decline, exactly and not by accident', async () => {
  assert.deepEqual(pick(await charge(emulators, 't1', { amount: '0.02' })), ['declined', 'card_declined'])
  assert.deepEqual(pick(await charge(emulators, 't2', { amount: '0.030' })), [
    'declined',
    'insufficient_funds',
  ])
  assert.deepEqual(pick(await charge(emulators, 't3', { amount: '10.02' })), ['succeeded', undefined])
  emulators.payments.faults.set({ testAmounts: { '66.6': 'stolen_card' } })
  assert.deepEqual(pick(await charge(emulators, 't4', { amount: '66.60' })), ['declined', 'stolen_card'])
  assert.deepEqual(pick(await charge(emulators, 't5', { amount: '0.02' })), ['succeeded', undefined])
  emulators.payments.faults.reset()
})

test('a charge that times out was made: the same key learns of it', async () => {
  emulators.payments.faults.set({ timeoutMs: 600_000 })
  const lost = charge(emulators, 'late', { amount: '0.04', reference: 'late' }).catch(() => 'no answer')
  await until(() => [...emulators.payments.charges({ reference: 'late' })].length === 1)
  const again = await charge(emulators, 'late', { amount: '0.04', reference: 'late' })
  assert.deepEqual([again.json.status, again.headers.get('idempotency-replayed')], ['succeeded', 'true'])
  emulators.payments.faults.reset()
  void lost
})

test('a pending charge succeeds later', async () => {
  const { json } = await charge(emulators, 'pending', { amount: '0.05' })
  assert.equal(json.status, 'pending')
  const early = await refund('early', { charge: json.id, amount: '0.01' })
  assert.equal(early.json.code, 'charge_not_succeeded')
  await until(() => emulators.payments.find(json.id)?.status === 'succeeded')
})

test('the customer decides the next payment, and only that one', async () => {
  const customer = '447700900777'
  await emulators.payments.decideNext(customer, 'decline')
  assert.equal(emulators.payments.nextDecision(customer), 'decline')
  assert.deepEqual(pick(await charge(emulators, 'd1', { customer })), ['declined', 'card_declined'])
  assert.equal(emulators.payments.nextDecision(customer), 'approve')
  assert.deepEqual(pick(await charge(emulators, 'd2', { customer })), ['succeeded', undefined])
})

test('faults: down, errors that did nothing, resets that did, for as many requests as asked', async () => {
  const { faults } = emulators.payments
  faults.set({ down: true })
  assert.equal((await charge(emulators, 'f1')).status, 503)
  faults.reset()
  faults.set({ errorRate: 1 })
  assert.equal((await charge(emulators, 'f2', { reference: 'f2' })).status, 500)
  faults.reset()
  assert.equal([...emulators.payments.charges({ reference: 'f2' })].length, 0)
  faults.set({ resetRate: 1, nextRequests: 1 })
  await assert.rejects(charge(emulators, 'f3', { reference: 'f3' }))
  assert.equal(
    (await charge(emulators, 'f3', { reference: 'f3' })).headers.get('idempotency-replayed'),
    'true',
  )
  faults.set({ revoked: true, nextRequests: 2 })
  const statuses = []
  for (const key of ['f4', 'f5', 'f6']) statuses.push((await charge(emulators, key)).status)
  assert.deepEqual(statuses, [401, 401, 201])
})

test('lists page by page', async () => {
  for (let index = 0; index < 5; index++) await charge(emulators, `page${index}`, { reference: 'paged' })
  const first = await get('/v1/charges?reference=paged&limit=3')
  assert.deepEqual([first.json.data.length, first.json.has_more], [3, true])
  const rest = await get(`/v1/charges?reference=paged&limit=3&after=${first.json.data[2].id}`)
  assert.deepEqual([rest.json.data.length, rest.json.has_more], [2, false])
  assert.equal((await get('/v1/charges?limit=0')).status, 400)
  assert.equal((await get('/v1/charges?after=nobody')).status, 400)
})

const pick = ({ json }: Awaited<ReturnType<typeof charge>>) => [json.status, json.reason]
