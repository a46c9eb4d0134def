import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { charge, startEmulators, until } from '../support/emulators.ts'
import { type Delivery, secrets, startReceiver } from '../support/receiver.ts'

const eventOf = ({ body }: Delivery) => JSON.parse(body)

test('events are signed over time and body', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  const { json } = await charge(emulators, 'a')
  await until(() => receiver.deliveries.length === 1)
  const [delivery] = receiver.deliveries as [Delivery]
  const [, time, digest] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(delivery.headers['payment-signature'])) ?? []
  const expected = createHmac('sha256', secrets.webhookSecret)
    .update(`${time}.${delivery.body}`)
    .digest('hex')
  assert.equal(digest, expected)
  const { id, created, ...event } = eventOf(delivery)
  assert.match(id, /^evt_/)
  assert.equal(typeof created, 'number')
  assert.deepEqual(event, { type: 'charge.succeeded', data: json })
})

test('declines, refunds and late successes are told, in order for one payment', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  await charge(emulators, 'a', { amount: '0.02' })
  await charge(emulators, 'b', { amount: '1.00' }, '/v1/refunds')
  const { json } = await charge(emulators, 'c', { amount: '0.05' })
  await until(() => receiver.deliveries.length === 4)
  const events = receiver.deliveries.map(eventOf)
  assert.deepEqual(events.map(event => event.type).sort(), [
    'charge.declined',
    'charge.pending',
    'charge.succeeded',
    'refund.succeeded',
  ])
  assert.deepEqual(
    events.filter(event => event.data.id === json.id).map(event => event.type),
    ['charge.pending', 'charge.succeeded'],
  )
})

test('events are sent again until they are acknowledged', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  let refusals = 2
  receiver.answer = () => (refusals-- > 0 ? 503 : 200)
  await charge(emulators, 'a')
  await until(() => emulators.payments.pendingWebhooks() === 0)
  assert.equal(receiver.deliveries.length, 3)
  assert.equal(new Set(receiver.deliveries.map(({ body }) => body)).size, 1)
})

test('a payment of 0.06 is told twice', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  await charge(emulators, 'a', { amount: '0.06' })
  await until(() => receiver.deliveries.length === 2)
  const [first, second] = receiver.deliveries.map(eventOf)
  assert.equal(first.id, second.id)
})
