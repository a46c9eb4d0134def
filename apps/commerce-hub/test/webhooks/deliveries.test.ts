import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { messagesStored, meta, openShop, type Shop, until } from '../harness/index.ts'

/** WhatsApp delivers at least once and in any order: one effect. */

let shop: Shop
before(async () => {
  shop = await openShop()
})
afterEach(() => shop.emulators.whatsapp.faults.reset())
after(() => shop[Symbol.asyncDispose]())

test('the same webhook, delivered many times at once and again later, has one effect', async () => {
  const customer = shop.customer()
  const before = await messagesStored(shop)
  const body = meta.webhook([{ messages: [meta.text(customer.id, 'add MUG 2', 'wamid.same')] }])
  const first = await Promise.all(Array.from({ length: 10 }, () => meta.post(shop.url, body)))
  await shop.settled()
  first.push(await meta.post(shop.url, body))
  assert.deepEqual(new Set(first.map(({ status }) => status)), new Set([200]))
  await shop.settled()
  assert.equal(await messagesStored(shop), before + 1)
  assert.deepEqual(
    customer.heard().map(({ text }) => /2 × RED/.test(text)),
    [true],
  )
})

test('a message that comes twice in one webhook, and once more among others, has one effect', async () => {
  const customer = shop.customer()
  const add = meta.text(customer.id, 'add MUG 1')
  const another = meta.text(customer.id, 'add MUG 1')
  await meta.post(shop.url, meta.webhook([{ messages: [add, add] }, { messages: [add] }]))
  await meta.post(shop.url, meta.webhook([{ messages: [another, add] }]))
  await shop.settled()
  assert.equal(customer.heard().length, 2)
  assert.match((await customer.says('cart')).text, /2 × RED RETROSPOT MUG/)
})

test('what is delivered twice and overtaken is done once', async () => {
  const { whatsapp } = shop.emulators
  whatsapp.faults.set({ duplicateWebhookRate: 1, reorderWebhookRate: 1 })
  const customer = shop.customer()
  const quantities = [1, 2, 4]
  await Promise.all(quantities.map(quantity => customer.phone.sendText(`add MUG ${quantity}`)))
  // Held back for up to two seconds each, and so are the statuses of the answers.
  shop.clock.advance(2_000)
  await until(() => customer.heard().length === 3, 'every message')
  shop.clock.advance(2_000)
  await shop.settled()
  whatsapp.faults.reset()
  assert.match((await customer.says('cart')).text, /7 × RED RETROSPOT MUG/)
})

test('an order whose every webhook comes twice is placed, charged, mailed and confirmed once', async () => {
  const { whatsapp, payments, mail } = shop.emulators
  whatsapp.faults.set({ duplicateWebhookRate: 1 })
  payments.faults.set({ duplicateWebhookRate: 1 })
  const customer = shop.customer()
  assert.match((await customer.buys('MUG', 3)).text, /Paid, thank you/)
  await shop.settled()
  payments.faults.reset()
  assert.equal((await shop.get(`/orders?customerId=${customer.id}`)).items.length, 1)
  assert.equal([...payments.charges({ customer: customer.id })].length, 1)
  assert.equal(mail.count(), 1)
  assert.equal(customer.heard().length, 3)
  assert.equal(await shop.stock('MUG'), 17)
})

test('what is sent while the shop is away arrives when it is back', async () => {
  const { whatsapp } = shop.emulators
  whatsapp.faults.set({ holdWebhooks: true })
  const customer = shop.customer()
  await customer.phone.sendText('add MUG 2')
  await customer.phone.sendText('remove MUG')
  await customer.phone.sendText('add MUG 5')
  await until(() => whatsapp.pendingWebhooks() === 3, 'the webhooks to wait')
  assert.equal(customer.heard().length, 0)
  whatsapp.faults.reset()
  await until(() => customer.heard().length === 3, 'three answers')
  assert.match(customer.heard().at(-1)!.text, /5 × RED RETROSPOT MUG/)
})
