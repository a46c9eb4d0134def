import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from 'portolan'
import { systemClock } from 'portolan/runtime'
import { send, startEmulators, until } from '../support/emulators.ts'
import { signatureOf, startReceiver } from '../support/receiver.ts'

test('a message of a customer arrives signed, non-ASCII escaped in lower case', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  const sentAt = new Date('2010-12-01T08:26:00Z')
  const id = await emulators.whatsapp
    .customer('447700900123', { name: 'Ädä 😀' })
    .sendText('search Käse', { sentAt })
  await until(() => receiver.deliveries.length === 1)

  const [{ body, headers }] = receiver.deliveries as [(typeof receiver.deliveries)[0]]
  assert.equal(headers['x-hub-signature-256'], signatureOf(body))
  assert.match(body, /K\\u00e4se/)
  assert.match(body, /\\u00c4d\\u00e4 \\ud83d\\ude00/)
  assert.deepEqual(JSON.parse(body), {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
              contacts: [{ profile: { name: 'Ädä 😀' }, wa_id: '447700900123' }],
              messages: [
                {
                  from: '447700900123',
                  id,
                  timestamp: '1291191960',
                  type: 'text',
                  text: { body: 'search Käse' },
                },
              ],
            },
            field: 'messages',
          },
        ],
      },
    ],
  })
})

test('orders, buttons and rows have the shapes of the Cloud API', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  const customer = emulators.whatsapp.customer('447700900123')
  await customer.sendOrder({
    items: [{ productId: '85123A', quantity: 6, unitPrice: '2.550', currency: 'GBP' }],
    text: 'Quick, please',
  })
  await customer.tapButton('ok:42', 'Confirm', { replyTo: 'wamid.asked' })
  await customer.chooseRow('p:1', 'Mug', { description: 'Blue' })
  await until(() => receiver.messages().length === 3)
  const [order, button, row] = receiver.messages()
  assert.deepEqual(order?.order, {
    catalog_id: '102290129340398',
    text: 'Quick, please',
    product_items: [{ product_retailer_id: '85123A', quantity: 6, item_price: 2.55, currency: 'GBP' }],
  })
  assert.match(receiver.deliveries[0]!.body, /"item_price":2\.550,/)
  assert.deepEqual(button?.interactive, {
    type: 'button_reply',
    button_reply: { id: 'ok:42', title: 'Confirm' },
  })
  assert.deepEqual(button?.context, { from: '15550783881', id: 'wamid.asked' })
  assert.deepEqual(row?.interactive, {
    type: 'list_reply',
    list_reply: { id: 'p:1', title: 'Mug', description: 'Blue' },
  })
  await assert.rejects(customer.sendOrder({ items: [] }), { code: 'invalid_argument' })
  await assert.rejects(customer.sendText(' '), { code: 'invalid_argument' })
  assert.throws(() => emulators.whatsapp.customer('Ada'), { code: 'invalid_argument' })
})

test('the same id is the same message', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  const customer = emulators.whatsapp.customer('447700900123')
  const id = await customer.sendText('menu', { id: 'wamid.mine' })
  await until(() => receiver.messages().length === 1)
  assert.equal(await customer.sendText('menu', { id: 'wamid.mine' }), id)
  await customer.sendText('after')
  await until(() => receiver.messages().length === 2)
  assert.deepEqual(
    receiver.messages().map(message => message.text?.body),
    ['menu', 'after'],
  )
  assert.equal(emulators.whatsapp.messages().length, 2)
})

test('webhooks are retried until they are acknowledged, in the order of the customer', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  let refusals = 3
  receiver.answer = () => (refusals-- > 0 ? 500 : 200)
  const customer = emulators.whatsapp.customer('447700900123')
  for (const text of ['one', 'two', 'three']) await customer.sendText(text)
  assert.equal(emulators.whatsapp.messages()[0]?.status, 'sent')
  await until(() => emulators.whatsapp.pendingWebhooks() === 0)

  const texts = receiver.messages().map(message => message.text?.body)
  assert.deepEqual(texts.slice(0, 4), ['one', 'one', 'one', 'one'])
  assert.deepEqual(texts.slice(4), ['two', 'three'])
  assert.deepEqual(
    emulators.whatsapp.messages().map(message => message.status),
    ['delivered', 'delivered', 'delivered'],
  )
})

test('statuses come batched, each message’s in order, with the callback data', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  await emulators.whatsapp.customer('447700900123').sendText('Hi')
  const sent = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      send(emulators, { text: { body: `${index}` }, biz_opaque_callback_data: `order:${index}` }),
    ),
  )
  await until(() => receiver.statuses().length === 120)
  const statuses = receiver.statuses()
  for (const [index, { json }] of sent.entries()) {
    const mine = statuses.filter(status => status.id === json.messages[0].id)
    assert.deepEqual(
      mine.map(status => [status.status, status.recipient_id, status.biz_opaque_callback_data]),
      ['sent', 'delivered', 'read'].map(status => [status, '447700900123', `order:${index}`]),
    )
  }
  const bodies = receiver.deliveries.filter(({ body }) => body.includes('"statuses"'))
  assert.ok(bodies.length < 40, `${bodies.length} deliveries for 40 messages`)
  assert.ok(bodies.every(({ body, headers }) => headers['x-hub-signature-256'] === signatureOf(body)))
})

test('statuses can be left out', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver, { whatsapp: { statuses: false } })
  await send(emulators, { text: { body: 'x' } })
  assert.equal(emulators.whatsapp.pendingWebhooks(), 0)
})

test('the duplicate fault delivers twice; the failure fault fails after acceptance', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  emulators.whatsapp.faults.set({ duplicateWebhookRate: 1, failureRate: 1, failureCode: 131026 })
  await emulators.whatsapp.customer('447700900123').sendText('Hi')
  await until(() => receiver.messages().length === 2)
  const [first, second] = receiver.messages()
  assert.equal(first?.id, second?.id)

  const { json } = await send(emulators, { text: { body: 'x' } })
  await until(() => receiver.statuses().length === 2)
  for (const status of receiver.statuses()) {
    assert.deepEqual(
      [status.id, status.status, status.errors?.[0]?.code],
      [json.messages[0].id, 'failed', 131026],
    )
  }
})

test('the reorder fault lets later messages overtake, and loses none', async () => {
  await using receiver = await startReceiver()
  // The first is held back until we say so, the others not at all.
  const draws = [0, 0.9]
  const random = { next: () => draws.shift() ?? 0.5, bytes: (length: number) => new Uint8Array(length) }
  const held: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    timer(delayMs, callback) {
      if (delayMs !== 1_800) return systemClock.timer(delayMs, callback)
      held.push(callback)
      return { cancel() {} }
    },
  }
  await using emulators = await startEmulators(receiver, { random, clock })
  emulators.whatsapp.faults.set({ reorderWebhookRate: 0.3 })
  const customer = emulators.whatsapp.customer('447700900123')
  await customer.sendText('one')
  await customer.sendText('two')
  await until(() => receiver.messages().length === 1)
  await customer.sendText('three')
  await until(() => receiver.messages().length === 2)
  for (const deliver of held) deliver()
  await until(() => receiver.messages().length === 3)
  assert.deepEqual(
    receiver.messages().map(message => message.text?.body),
    ['two', 'three', 'one'],
  )
})

test('webhooks wait while the address is unknown or they are held', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators()
  const { whatsapp } = emulators
  await whatsapp.customer('447700900123').sendText('Hi')
  assert.equal(whatsapp.pendingWebhooks(), 1)
  whatsapp.faults.set({ holdWebhooks: true })
  whatsapp.subscribe(`${receiver.url}/whatsapp`)
  whatsapp.faults.set({ holdWebhooks: false })
  await until(() => whatsapp.pendingWebhooks() === 0)
  assert.equal(receiver.messages().length, 1)
})

test('the handshake needs the right token', async () => {
  await using receiver = await startReceiver()
  await using right = await startEmulators(receiver)
  await using wrong = await startEmulators(receiver, { whatsapp: { verifyToken: 'guess' } })
  await using nowhere = await startEmulators()
  assert.equal(await right.whatsapp.verify(), true)
  assert.equal(await wrong.whatsapp.verify(), false)
  assert.equal(await nowhere.whatsapp.verify(), false)
})
