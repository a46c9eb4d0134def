import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { meta, openShop, type Shop } from '../harness/index.ts'

let shop: Shop
before(async () => {
  shop = await openShop()
})
after(() => shop[Symbol.asyncDispose]())

test('menu, under each of its names, shows what others like', async () => {
  const customer = shop.customer('Grace')
  for (const word of ['menu', 'Hi', 'HELLO', 'start']) {
    const menu = await customer.says(word)
    assert.match(menu.text, /^Hello Grace/)
    assert.equal(menu.list?.sections[0]?.title, 'Popular today')
  }
})

test('help tells every command, and what is not understood leads to it', async () => {
  const customer = shop.customer()
  const help = await customer.says('help')
  for (const word of ['menu', 'search', 'add', 'remove', 'cart', 'checkout', 'email', 'return']) {
    assert.match(help.text, new RegExp(`\\*${word}`))
  }
  for (const word of ['What time do you open?', 'addd MUG', '💐', 'constructor', '__proto__', 'toString']) {
    assert.match((await customer.says(word)).text, /Sorry, I did not understand that\. Send "help"/)
  }
})

test('search finds by words in any order and case, by number, and says when there is nothing', async () => {
  const customer = shop.customer()
  const titles = async (query: string) =>
    (await customer.says(query)).list?.sections.flatMap(({ rows }) => rows.map(({ id }) => id))
  assert.deepEqual(await titles('search MUG red'), ['show:MUG'])
  assert.deepEqual(await titles('find 85123a'), ['show:85123A'])
  assert.deepEqual(await titles('search  hanging   heart '), ['show:85123A'])
  assert.match((await customer.says('search %')).text, /Nothing found for "%"/)
  assert.match((await customer.says('search _')).text, /Nothing found for "_"/)
  assert.match((await customer.says("search ' or 1=1 --")).text, /Nothing found/)
  assert.match((await customer.says('search')).text, /How to shop here/)
})

test('a search with many results goes on page by page, to its end', async () => {
  const products = Array.from({ length: 23 }, (_, index) => ({
    ...{ sku: `CANDLE${index}`, name: `CANDLE ${String(index).padStart(2, '0')}` },
    ...{ prices: ['1.000'], stock: 10 },
  }))
  await shop.post('/catalogue/deliveries', { reference: 'candles', products })
  const customer = shop.customer()
  const seen: string[] = []
  let page = await customer.says('search candle')
  for (;;) {
    const rows = page.list!.sections.flatMap(section => section.rows)
    seen.push(...rows.filter(({ title }) => title.startsWith('CANDLE')).map(({ title }) => title))
    if (rows.at(-1)?.title !== 'More …') break
    page = await customer.chooses(page, 'More …')
  }
  assert.deepEqual(seen.toSorted(), products.map(({ name }) => name).toSorted())
})

test('a product that is sold out can be looked at and not be put into a cart', async () => {
  const customer = shop.customer()
  const found = await customer.says('search globe')
  assert.match(found.list!.sections[0]!.rows[0]!.description!, /^Sold out/)
  const card = await customer.chooses(found, 'GONE GLOBE')
  assert.match(card.text, /Sold out at the moment/)
  assert.equal(card.buttons.length, 0)
})

test('a cart is filled, changed, emptied and cancelled', async () => {
  const customer = shop.customer()
  assert.match((await customer.says('cart')).text, /Your cart is empty/)
  assert.match((await customer.says('checkout')).text, /Your cart is empty/)
  assert.match((await customer.says('add mug 2')).text, /2 × RED RETROSPOT MUG: £5\.10/)
  assert.match((await customer.says('ADD 85123A')).text, /1 × WHITE HANGING HEART[\s\S]*Total £8\.05/)
  assert.match((await customer.says('add mug')).text, /3 × RED RETROSPOT MUG: £7\.65/)
  assert.match((await customer.says('basket')).text, /Total £10\.60/)
  assert.doesNotMatch((await customer.says('remove mug')).text, /MUG/)
  assert.match((await customer.says('remove mug')).text, /There is no MUG in your cart/)
  assert.match((await customer.says('remove')).text, /How to shop here/)
  assert.match((await customer.says('clear')).text, /Your cart is empty/)

  await customer.says('add mug 4')
  const prompt = await customer.says('pay')
  assert.match((await customer.taps(prompt, 'Cancel')).text, /^Cancelled/)
  assert.match((await customer.says('cart')).text, /Your cart is empty/)
  assert.match((await customer.taps(prompt, /^Pay/)).text, /This cart has expired/)
  assert.equal(await shop.stock('MUG'), 20)
})

test('an e-mail address is checked, kept, and can be changed', async () => {
  const customer = shop.customer()
  for (const wrong of ['email', 'email jo', 'email jo@', 'email a b@c.de', 'email a@b.c,d@e.f']) {
    assert.match((await customer.says(wrong)).text, /That is no e-mail address/, wrong)
  }
  assert.equal((await shop.get(`/customers/${customer.id}`)).email, null)
  await customer.says('email jo@example.org')
  await customer.says('Email jo+new@example.co.uk')
  assert.equal((await shop.get(`/customers/${customer.id}`)).email, 'jo+new@example.co.uk')
})

test('pictures, places and reactions get an answer too', async () => {
  const customer = shop.customer()
  const picture = { type: 'image', image: { id: '1', mime_type: 'image/jpeg' } }
  const place = { type: 'location', location: { latitude: 51.5, longitude: -0.1 } }
  const odd = { type: 'hologram', hologram: {} }
  const messages = [picture, place, odd].map(content => meta.message(customer.id, content))
  assert.equal((await meta.post(shop.url, meta.webhook([{ messages }]))).status, 200)
  await shop.settled()
  assert.equal(customer.heard().length, 3)
  for (const { text } of customer.heard()) assert.match(text, /did not understand/)
})
