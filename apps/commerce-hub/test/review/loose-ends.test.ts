import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openingCatalogue } from '../../src/infrastructure/opening-catalogue.ts'
import { meta, openShop, type Shop } from '../harness/index.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop[Symbol.asyncDispose]())

const minute = 60_000

test('a reminder of an order message leads to that order', async () => {
  const customer = shop.customer()
  await customer.orders({ productId: 'MUG', quantity: 2 })
  await shop.passTime(76 * minute)
  const reminder = await customer.hears(/Your cart is still waiting for you/)
  assert.match((await customer.taps(reminder, 'Pay')).text, /Paid, thank you/)
})

test('answers go to where a person wrote from last', async () => {
  const user = 'GB.13491208655302741918'
  const says = (from: object, contact: object) =>
    meta.post(
      shop.url,
      meta.webhook([
        {
          contacts: [{ user_id: user, profile: { name: 'Ada' }, ...contact }],
          messages: [{ ...meta.text('', 'help'), from: undefined, from_user_id: user, ...from }],
        },
      ]),
    )
  const known = async () => (await shop.get(`/customers/${user}`)).waId
  for (const number of ['447700900701', '447700900702']) {
    assert.equal((await says({ from: number }, { wa_id: number })).status, 200)
    await shop.settled()
    assert.equal(await known(), number)
  }
  assert.equal((await says({}, {})).status, 200)
  await shop.settled()
  assert.equal(await known(), user)
  assert.match(await shop.page(`/customers/${user}`), /<dd>GB\.13491208655302741918<\/dd>/)
})

test('a refused address costs the shop one mail, not one for each attempt', async () => {
  const customer = shop.customer()
  await customer.says('email nobody@example.org')
  shop.emulators.mail.faults.set({ unknownRecipients: ['nobody@example.org'] })
  await customer.buys('MUG')
  await shop.settled()
  const { retrying, dead } = (await shop.get('/status')).inHand
  assert.deepEqual([retrying, dead], [0, 1])
  assert.deepEqual(
    (await shop.emulators.mail.list()).map(({ deliveries }) => deliveries),
    [1],
  )
})

test('products cost something', async () => {
  const products = [{ sku: 'FREE', name: 'FREE LUNCH', prices: ['1', '0.000'], stock: 1 }]
  const response = await shop.post('/catalogue/deliveries', { reference: 'free', products })
  assert.equal(response.status, 400)
  assert.match(await response.text(), /must be more than zero/)
})

test('the opening catalogue comes as a whole, and once', async () => {
  await using empty = await openShop({ shelf: false })
  const { importCatalog, staffQueries } = empty.services
  const uses = { importCatalog, products: staffQueries.products }
  await openingCatalogue(uses)
  const { products } = (await empty.get('/status')).holds
  assert.ok(products > 2000)
  await openingCatalogue(uses)
  assert.equal((await empty.get('/status')).holds.products, products)
  assert.equal((await empty.services.database.query('select 1 from catalog_imports', [])).length, 1)
})
