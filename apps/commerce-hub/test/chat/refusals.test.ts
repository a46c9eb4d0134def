import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type ChatCustomer, meta, openShop, type Shop, traces, until } from '../harness/index.ts'

/** Whatever the shop refuses: a clear answer, and nothing done. */

let shop: Shop
let customer: ChatCustomer
before(async () => {
  shop = await openShop()
})
beforeEach(() => {
  customer = shop.customer()
})
after(() => shop[Symbol.asyncDispose]())

/** Expects that `act` is answered like that and changes nothing. */
async function refused(act: () => Promise<{ readonly text: string }>, answer: RegExp): Promise<void> {
  await shop.settled()
  const before = await traces(shop)
  assert.match((await act()).text, answer)
  await shop.settled()
  assert.deepEqual(await traces(shop), before)
}

const quantity = /The quantity must be a whole number from 1 to 999,999/

for (const [said, answer] of [
  ['add NOPE', /There is no product NOPE/],
  ['add GONE', /GONE GLOBE is sold out/],
  ['add LAST 2', /Only 1 of LAST LANTERN left, not 2/],
  ['add MUG 0', quantity],
  ['add MUG 1000000', quantity],
  ['add MUG 1.5', quantity],
  ['add MUG -1', quantity],
  ['add MUG lots', quantity],
  ['add MUG 99999999999999999999', quantity],
  ['add MUG 999999', /Only 20 of RED RETROSPOT MUG left, not 999,999/],
] as const) {
  test(`"${said}" is refused`, () => refused(() => customer.says(said), answer))
}

test('adding up to more than there is, is refused', async () => {
  await customer.says('add MUG 15')
  await refused(() => customer.says('add MUG 6'), /Only 20 of RED RETROSPOT MUG left, not 21/)
})

for (const [what, item, answer] of [
  ['an unknown product', { productId: 'NOPE' }, /There is no product NOPE/],
  ['a product that is sold out', { productId: 'GONE', unitPrice: '7' }, /GONE GLOBE is sold out/],
  ['more than there is', { productId: 'LAST', unitPrice: '12.5', quantity: 2 }, /Only 1 of LAST LANTERN/],
  ['quantity 0', { productId: 'MUG', quantity: 0 }, quantity],
  ['quantity -1', { productId: 'MUG', quantity: -1 }, quantity],
  ['quantity 1,000,000', { productId: 'MUG', quantity: 1_000_000 }, quantity],
  [
    'another price',
    { productId: 'MUG', unitPrice: '0.01' },
    /RED RETROSPOT MUG costs £2\.55, not £0\.01\. Please add it/,
  ],
  ['another currency', { productId: 'MUG', currency: 'EUR' }, /costs £2\.55, not EUR 2\.55/],
  ['a price with too many decimals', { productId: 'MUG', unitPrice: '2.5501' }, /'2\.5501' is no amount/],
] as const) {
  test(`an order message with ${what} is refused`, () => refused(() => customer.orders(item), answer))
}

test('more money than can be counted is refused, however it is asked for', async () => {
  const palaces = { productId: 'PALACE', unitPrice: '999999999999', quantity: 999_999 }
  await refused(() => customer.orders(palaces), /£999,998,999,999,000,001\.00 is too much/)
  await customer.says('add PALACE 999999')
  await refused(() => customer.says('checkout'), /is too much: £1,000,000,000\.00 is the most/)
})

test('an order message is refused as a whole when one of its lines is', () =>
  refused(
    () => customer.orders({ productId: 'MUG' }, { productId: '85123A', unitPrice: '1' }),
    /WHITE HANGING HEART T-LIGHT HOLDER costs £2\.95, not £1\.00/,
  ))

test('an order message with the same product twice is refused when both are more than there is', () =>
  refused(
    () =>
      customer.orders(
        { productId: 'MUG', quantity: 11 },
        { productId: 'MUG', quantity: 11, unitPrice: '2.125' },
      ),
    /Only 20 of RED RETROSPOT MUG left, not 22/,
  ))

/** What the emulated phone would not send. */
const signed = async (content: object) => {
  const id = `wamid.odd-${customer.id}`
  const response = await meta.post(shop.url, meta.webhook([{ messages: [{ ...content, id }] }]))
  assert.equal(response.status, 200)
  return until(() => shop.emulators.whatsapp.messages({ replyTo: id })[0], 'an answer')
}

test('an empty order message is refused', () =>
  refused(() => signed(meta.order(customer.id, [])), /Your order is empty/))

test('an order message over half a mug is refused', () => {
  const item = { product_retailer_id: 'MUG', quantity: 0.5, item_price: 2.55, currency: 'GBP' }
  return refused(() => signed(meta.order(customer.id, [item])), quantity)
})

test('the button under a total that has changed since is refused', async () => {
  await customer.says('add MUG 1')
  const stale = await customer.says('checkout')
  await customer.says('add MUG 1')
  await refused(() => customer.taps(stale, 'Pay £2.55'), /Your cart has changed since\. Send "checkout"/)
  await customer.says('checkout')
  await refused(() => customer.taps(stale, 'Pay £2.55'), /Your cart has changed since\. Send "checkout"/)
})

test('the carts of others cannot be paid or cancelled', async () => {
  await customer.says('add MUG 1')
  const prompt = await customer.says('checkout')
  const thief = shop.customer('Mallory')
  await refused(() => thief.taps(prompt, 'Pay £2.55'), /There is no such cart/)
  await refused(() => thief.taps(prompt, 'Cancel'), /There is no such cart/)
})

for (const id of [
  'pay',
  'pay:nope:1',
  'pay::',
  'cancel:nope',
  'show:NOPE',
  'add:NOPE:1',
  'add:MUG:0',
  'add:MUG',
]) {
  test(`a button that nobody gave out is refused: ${id}`, () => {
    const button = { buttons: [{ id, title: 'Odd' }], id: 'wamid.x', text: '' }
    return refused(() => customer.taps(button as never, 'Odd'), /There is no|The quantity must be/)
  })
}

test('a button whose id means nothing is not understood', () => {
  const button = { buttons: [{ id: 'constructor:1', title: 'Odd' }], id: 'wamid.x', text: '' }
  return refused(() => customer.taps(button as never, 'Odd'), /did not understand/)
})

test('what sold out between the total and the tap is refused, and the cart stays', async () => {
  await customer.says('add LAST')
  const prompt = await customer.says('checkout')
  const quicker = shop.customer('Quicker')
  assert.match((await quicker.buys('LAST')).text, /Paid, thank you/)
  await refused(() => customer.taps(prompt, 'Pay £12.50'), /LAST LANTERN is sold out/)
  assert.match((await customer.says('cart')).text, /LAST LANTERN/)
})

test('an order is placed once, however often its button is tapped', async () => {
  await customer.says('add MUG 1')
  const prompt = await customer.says('checkout')
  assert.match((await customer.taps(prompt, 'Pay £2.55')).text, /Paid, thank you/)
  await refused(() => customer.taps(prompt, 'Pay £2.55'), /This order has been placed already/)
  await refused(() => customer.taps(prompt, 'Cancel'), /This order has been placed already/)
})
