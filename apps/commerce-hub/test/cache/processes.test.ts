import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { engineUrl, skipWithout } from 'portolan-engines'
import { openShop, temporaryFolder, until } from '../harness/index.ts'

/** Two processes of one shop: what one of them sells or is delivered, the other one shows. */

const withoutRedis = await skipWithout('redis')
const page = { limit: 10, offset: 0 }

for (const kind of ['database', 'redis'] as const)
  test(`what one changes the other looks up anew, told through ${kind}`, {
    skip: kind === 'redis' && withoutRedis,
  }, async () => {
    await using folder = await temporaryFolder()
    const CACHE_URL =
      kind === 'redis' ? `${await engineUrl('redis')}?prefix=hub-${randomUUID().slice(0, 8)}` : 'database:'
    const options = { databaseUrl: `sqlite:${join(folder.path, 'hub.db')}`, env: { CACHE_URL } }
    await using one = await openShop(options)
    await using other = await openShop({ ...options, shelf: false })
    const { productSearch, products } = other.services
    const shown = async () =>
      (await productSearch.search('mug', page)).map(({ price, stock }) => [price, stock])
    assert.deepEqual(await shown(), [['2.550', 20]])
    assert.equal((await products.find('MUG'))?.stock, 20)

    const delivered = { sku: 'MUG', name: 'RED RETROSPOT MUG', prices: ['3.000'], stock: 5 }
    const reply = await one.post('/catalogue/deliveries', { reference: 'more', products: [delivered] })
    assert.equal(reply.status, 200)
    await until(async () => (await products.find('MUG'))?.stock === 25, 'the delivery to be seen')
    await until(async () => (await shown())[0]?.[0] === '3.000', 'the price to be seen')
    assert.deepEqual(await shown(), [['3.000', 25]])
  })
