import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freshDatabase, skipWithout } from 'portolan-engines'
import { openShop } from '../harness/index.ts'

/** What comes twice at the same moment has one effect, also where several transactions are in progress at once. */

const engines = ['sqlite', 'postgres', 'mysql'] as const

for (const engine of engines) {
  describe(engine, { skip: engine !== 'sqlite' && (await skipWithout(engine)) }, () => {
    test('customers who want the last pieces at once get them once', async () => {
      await using fresh = engine === 'sqlite' ? undefined : await freshDatabase(engine)
      await using shop = await openShop(fresh && { databaseUrl: fresh.url })
      const customers = Array.from({ length: 6 }, (_, n) => shop.customer(`Customer ${n}`))
      // 20 are in stock: enough for three.
      const prompts = await Promise.all(
        customers.map(async customer => {
          await customer.says('add MUG 6')
          return customer.says('checkout')
        }),
      )
      const answers = await Promise.all(
        customers.map((customer, n) => customer.taps(prompts[n]!, 'Pay £15.30')),
      )
      await shop.settled()
      const paid = answers.filter(({ text }) => /Paid, thank you/.test(text))
      assert.equal(paid.length, 3)
      assert.equal(await shop.stock('MUG'), 2)
      assert.equal((await shop.get('/products/MUG')).sold, 18)
    })

    test('the same return, reported several times at once, is recorded once', async () => {
      await using fresh = engine === 'sqlite' ? undefined : await freshDatabase(engine)
      await using shop = await openShop(fresh && { databaseUrl: fresh.url })
      const ada = shop.customer()
      await ada.says('menu')
      const goods = {
        reference: 'C536379',
        customerId: ada.id,
        returnedAt: new Date(shop.clock.now()).toISOString(),
        lines: [{ sku: 'MUG', quantity: 2, unitPrice: '2.55' }],
      }
      const answers = await Promise.all(Array.from({ length: 8 }, () => shop.post('/refunds', goods)))
      const ids = await Promise.all(answers.map(async answer => ((await answer.json()) as { id: string }).id))
      assert.equal(new Set(ids).size, 1)
      await shop.settled()
      assert.equal(await shop.stock('MUG'), 22)
      assert.equal((await shop.get('/refunds')).items.length, 1)
      assert.equal([...shop.emulators.payments.refunds()].length, 1)
    })
  })
}
