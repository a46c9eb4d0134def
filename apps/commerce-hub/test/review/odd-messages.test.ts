import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { meta, openShop, type Shop } from '../harness/index.ts'

/** What people, or those who speak in their name, can put into a message: it is answered, and no work dies of it. */

let shop: Shop
before(async () => {
  shop = await openShop()
})
after(() => shop[Symbol.asyncDispose]())

let people = 0

/** Posts the message of somebody who has just written, and resolves with what the shop says to it. */
async function answerTo(message: (from: string) => object, contact: object = {}): Promise<string> {
  const from = `4477009500${10 + people++}`
  await shop.customer('Ada', from).says('help')
  const contacts = [{ wa_id: from, profile: { name: 'Ada' }, ...contact }]
  const response = await meta.post(shop.url, meta.webhook([{ contacts, messages: [message(from)] }]))
  assert.equal(response.status, 200)
  await shop.settled()
  const { items } = await shop.get(`/customers/${from}/messages`)
  assert.deepEqual(
    items.map(({ direction }: { direction: string }) => direction),
    ['out', 'in', 'out', 'in'],
  )
  assert.notEqual(items[0].status, 'failed', items[0].reason)
  const { retrying, dead } = (await shop.get('/status')).inHand
  assert.deepEqual([retrying, dead], [0, 0])
  return items[0].text
}

const item = { product_retailer_id: 'MUG', quantity: 1, item_price: 2.55, currency: 'GBP' }
const half = '\ud83d'
const long = 'X'.repeat(5000)

for (const [what, profile] of [
  ['half of a letter', { name: `Ada ${half}` }],
  ['a NUL character', { name: 'Ada\0' }],
] as const) {
  test(`a name with ${what} turns nobody away`, async () => {
    assert.match(await answerTo(from => meta.text(from, 'menu'), { profile }), /Hello Ada/)
  })
}

for (const [what, body, answer] of [
  ['a search for half of a letter', `search ${half}`, /Nothing found/],
  ['a search for a NUL character', 'search a\0b', /Nothing found/],
  ['an address with a NUL character', 'email a\0b@example.org', /no e-mail address/],
  ['an address with a control character', 'email a\u0001b@example.org', /no e-mail address/],
  ['a number with a NUL character', 'add A\0', /There is no product/],
  ['a very long number', `add ${'X'.repeat(4092)}`, /There is no product X/],
  ['a very long number to take out', `remove ${'X'.repeat(4089)}`, /There is no X/],
] as const) {
  test(`${what} is answered`, async () => {
    assert.match(await answerTo(from => meta.text(from, body)), answer)
  })
}

for (const [what, given, answer] of [
  ['of half a letter', { product_retailer_id: half }, /There is no product/],
  ['of a NUL character', { product_retailer_id: 'MUG\0' }, /There is no product/],
  ['with a very long number', { product_retailer_id: long }, /There is no product X/],
  ['in a currency without end', { currency: long }, /costs £2\.55, not/],
  ['at a price without end', { item_price: '1'.repeat(5000) }, /is no amount/],
  ['at a tiny price', { item_price: 1e-7 }, /'0\.0000001' is no amount/],
  ['of more than anybody can count', { quantity: 1e21 }, /must be a whole number/],
] as const) {
  test(`an order ${what} is answered`, async () => {
    assert.match(await answerTo(from => meta.order(from, [{ ...item, ...given }])), answer)
  })
}

test('what claims to come from the far future was sent now', async () => {
  const from = '447700950999'
  const buys = shop.customer('Marty', from)
  await buys.says('help')
  const sent = { ...meta.order(from, [item]), timestamp: '999999999999' }
  assert.equal((await meta.post(shop.url, meta.webhook([{ messages: [sent] }]))).status, 200)
  const prompt = await buys.hears(/Your order/)
  const pay = prompt.buttons[0]!
  const reply = { type: 'button_reply', button_reply: pay }
  const tap = meta.message(from, { type: 'interactive', interactive: reply } as { type: string })
  const late = meta.webhook([{ messages: [{ ...tap, timestamp: '999999999999' }] }])
  assert.equal((await meta.post(shop.url, late)).status, 200)
  await buys.hears(/Paid, thank you/)
  const { items } = await shop.get(`/orders?customerId=${from}`)
  assert.ok(new Date(items[0].orderedAt).getTime() <= shop.clock.now())
})
