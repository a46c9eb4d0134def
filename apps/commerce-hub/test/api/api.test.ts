import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openShop, type Shop } from '../harness/index.ts'

let shop: Shop
before(async () => {
  shop = await openShop()
})
after(() => shop[Symbol.asyncDispose]())

test('the document of the API has every route, and its page shows it', async () => {
  const document = (await (await fetch(`${shop.url}/openapi.json`)).json()) as {
    openapi: string
    paths: Record<string, object>
  }
  assert.match(document.openapi, /^3\.1/)
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  )
  for (const route of [
    'GET /v1/orders',
    'GET /v1/orders/{id}',
    'GET /v1/refunds',
    'POST /v1/refunds',
    'GET /v1/products',
    'GET /v1/products/{sku}',
    'POST /v1/catalogue/deliveries',
    'GET /v1/customers',
    'GET /v1/customers/{id}',
    'GET /v1/customers/{id}/messages',
    'GET /v1/status',
    'GET /v1/dead-letters',
    'POST /v1/dead-letters/{kind}/{id}/replay',
    'DELETE /v1/dead-letters/{kind}/{id}',
  ]) {
    assert.ok(routes.includes(route), route)
  }
  assert.match(await shop.page('/docs'), /Commerce hub[\s\S]*\/v1\/orders/)
})

test('lists come page by page, without a gap or a repetition', async () => {
  const customers = Array.from({ length: 7 }, (_, index) => shop.customer(`Person ${index}`))
  await Promise.all(customers.map(customer => customer.buys('85123A')))
  await shop.settled()
  for (const list of ['/orders', '/customers', '/products']) {
    const seen: string[] = []
    let after = ''
    for (;;) {
      const { items, next } = await shop.get(`${list}?limit=3${after}`)
      seen.push(...items.map((item: { id?: string; sku?: string }) => item.id ?? item.sku))
      if (next === undefined) break
      assert.equal(items.length, 3)
      after = `&after=${encodeURIComponent(next)}`
    }
    const { items } = await shop.get(`${list}?limit=200`)
    assert.deepEqual(
      seen,
      items.map((item: { id?: string; sku?: string }) => item.id ?? item.sku),
    )
    assert.ok(seen.length >= 7)
  }
})

for (const path of [
  '/orders?limit=0',
  '/orders?limit=201',
  '/orders?limit=many',
  '/orders?status=odd',
  '/orders?after=odd',
  `/customers?after=${Buffer.from('[1]').toString('base64url')}`,
  `/products?after=${Buffer.from('[{},1]').toString('base64url')}`,
  `/products?text=${'x'.repeat(201)}`,
]) {
  test(`GET ${path.slice(0, 40)} is refused with problem details`, async () => {
    const response = await fetch(`${shop.url}/v1${path}`)
    assert.equal(response.status, 400)
    assert.match(response.headers.get('content-type')!, /^application\/problem\+json/)
  })
}

test('a delivery is taken in once, keeps agreed prices, and adds to the stock', async () => {
  const products = [{ sku: 'VASE', name: 'VASE', prices: ['3.000', '2.500'], stock: 4 }]
  const deliver = async (reference: string, list: object[]) => {
    const response = await shop.post('/catalogue/deliveries', { reference, products: list })
    return [response.status, ((await response.json()) as { taken?: boolean }).taken]
  }
  assert.deepEqual(await deliver('vases', products), [200, true])
  assert.deepEqual(await deliver('vases', products), [200, false])
  const newer = [{ sku: 'VASE', name: 'TALL VASE', prices: ['3.500', '3.000'], stock: 6 }]
  assert.deepEqual(await deliver('more vases', newer), [200, true])
  const vase = await shop.get('/products/VASE')
  assert.deepEqual([vase.name, vase.stock, vase.price], ['TALL VASE', 10, '3.500'])
  assert.deepEqual(vase.prices, ['3.500', '3.000', '2.500'])
})

for (const [what, change] of [
  ['no products', { products: [] }],
  ['a bad number', { products: [{ sku: 'a b', name: 'X', prices: ['1'], stock: 1 }] }],
  ['a name of spaces', { products: [{ sku: 'X', name: '  ', prices: ['1'], stock: 1 }] }],
  ['no price', { products: [{ sku: 'X', name: 'X', prices: [], stock: 1 }] }],
  ['a negative stock', { products: [{ sku: 'X', name: 'X', prices: ['1'], stock: -1 }] }],
] as const) {
  test(`a delivery with ${what} is refused as a whole`, async () => {
    const good = { sku: 'GOOD', name: 'GOOD', prices: ['1'], stock: 1 }
    const products = change.products.length > 0 ? [good, ...change.products] : []
    const response = await shop.post('/catalogue/deliveries', { reference: what, products })
    assert.ok(response.status >= 400 && response.status < 500, `${response.status}`)
    assert.match(response.headers.get('content-type')!, /^application\/problem\+json/)
    assert.equal((await fetch(`${shop.url}/v1/products/GOOD`)).status, 404)
  })
}

test('bodies that are no JSON, too long, or of another type are refused', async () => {
  const post = (body: string, type = 'application/json') =>
    fetch(`${shop.url}/v1/refunds`, { method: 'POST', headers: { 'content-type': type }, body })
  assert.equal((await post('{')).status, 400)
  assert.equal((await post('')).status, 400)
  assert.equal((await post('{}', 'text/plain')).status, 415)
  assert.equal((await post(`"${'x'.repeat(1024 * 1024)}"`)).status, 413)
})

test('health tells that it is up and ready', async () => {
  for (const path of ['/health/live', '/health/ready', '/health/startup']) {
    assert.equal((await fetch(`${shop.url}${path}`)).status, 200, path)
  }
})
