import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { openShop, type Shop } from '../harness/index.ts'

/** What is kept at hand of the catalogue, and that nobody is shown what has changed. */

async function figuresOf(shop: Shop, name: string): Promise<readonly [hits: number, misses: number]> {
  const { lookups } = await shop.services.operations.cache()
  const { hits, misses } = lookups.find(each => each.name === name)!
  return [hits, misses]
}

async function deliver(shop: Shop, reference: string, product: object): Promise<void> {
  const delivered = await shop.post('/catalogue/deliveries', { reference, products: [product] })
  assert.equal(delivered.status, 200)
}

const page = { limit: 10, offset: 0 }

test('who searches, looks and asks for the menu like others before is answered from the cache', async () => {
  await using shop = await openShop()
  const [first, second] = [shop.customer(), shop.customer()]
  for (const customer of [first, second])
    for (const message of ['search mug', 'menu', 'add 85123A 1']) await customer.says(message)
  await shop.settled()
  for (const name of ['searches', 'popular products', 'products and prices'])
    assert.deepEqual(await figuresOf(shop, name), [1, 1], name)
  assert.deepEqual(
    second.heard().map(({ text, list }) => list?.sections ?? text),
    first.heard().map(({ text, list }) => list?.sections ?? text),
  )
  const { entries, bytes, trouble } = await shop.services.operations.cache()
  assert.deepEqual([entries, bytes > 0, trouble], [3, true, undefined])
})

test('an order is seen by the next who looks: what it took off the shelf, and what it sold out', async () => {
  await using shop = await openShop()
  const { productSearch, products } = shop.services
  const stockOf = async (text: string) => (await productSearch.search(text, page))[0]?.stock
  const before = await productSearch.search('', page)
  assert.equal(await stockOf('mug'), 20)
  assert.equal((await products.find('LAST'))?.stock, 1)
  assert.ok((await productSearch.popular(9)).some(({ sku }) => sku === 'LAST'))

  await shop.customer().buys('MUG', 3)
  await shop.customer().buys('LAST')
  await shop.settled()
  assert.equal(await stockOf('mug'), 17)
  assert.equal((await products.find('LAST'))?.stock, 0)
  const after = await productSearch.search('', page)
  assert.deepEqual(
    after
      .slice(-2)
      .map(({ sku }) => sku)
      .toSorted(),
    ['GONE', 'LAST'],
  )
  assert.notDeepEqual(after, before)
  assert.ok(!(await productSearch.popular(9)).some(({ sku }) => sku === 'LAST'))
})

test('a sale leaves alone what shows other products', async () => {
  await using shop = await openShop()
  const { productSearch } = shop.services
  await productSearch.search('lantern', page)
  await shop.customer().buys('MUG')
  await shop.settled()
  await productSearch.search('lantern', page)
  assert.deepEqual(await figuresOf(shop, 'searches'), [1, 1])
})

test('a delivery is seen by the next who looks: a new price, a new name, and what was not there before', async () => {
  await using shop = await openShop()
  const { productSearch, products } = shop.services
  assert.equal((await products.find('MUG'))?.standardPrice.toDecimal(), '2.550')
  assert.equal(await products.find('NEW'), undefined)
  assert.deepEqual(await productSearch.search('novelty', page), [])

  await deliver(shop, 'price', { sku: 'MUG', name: 'RED RETROSPOT MUG', prices: ['3.000'], stock: 0 })
  assert.equal((await products.find('MUG'))?.standardPrice.toDecimal(), '3.000')
  assert.equal((await productSearch.search('mug', page))[0]?.price, '3.000')

  await deliver(shop, 'name', { sku: 'GONE', name: 'NOVELTY GLOBE', prices: ['7.000'], stock: 1 })
  await deliver(shop, 'new', { sku: 'NEW', name: 'NOVELTY HAT', prices: ['1.000'], stock: 1 })
  assert.equal((await products.find('NEW'))?.name, 'NOVELTY HAT')
  assert.deepEqual(
    (await productSearch.search('novelty', page)).map(({ sku }) => sku),
    ['GONE', 'NEW'],
  )
})

test('what a unit of work has changed and then undone was never at hand', async () => {
  await using shop = await openShop()
  const { unitOfWork, products, productSearch } = shop.services
  const undone = unitOfWork.run(async () => {
    const found = await products.findMany(['MUG'], { lock: 'update' })
    found[0]!.restock(1000)
    await products.saveMany(found)
    assert.equal((await products.find('MUG'))?.stock, 1020)
    assert.equal((await productSearch.search('mug', page))[0]?.stock, 1020)
    throw new InfrastructureError('cancelled', 'on purpose')
  })
  await assert.rejects(undone, /on purpose/)
  assert.equal((await products.find('MUG'))?.stock, 20)
  assert.equal((await productSearch.search('mug', page))[0]?.stock, 20)
})

test('the staff see how often what was looked up was at hand', async () => {
  await using shop = await openShop()
  assert.match(await shop.page('/work'), /products and prices[\s\S]*not asked yet/)
  for (let time = 0; time < 4; time++) await shop.services.productSearch.search('mug', page)
  const work = await shop.page('/work')
  assert.match(work, /searches[\s\S]*>4<[\s\S]*>3<[\s\S]*75 %/)
  assert.match(work, /1 entry at hand/)
})
