import assert from 'node:assert/strict'
import { failure } from './failure.ts'
import { Cart, CartRepository } from './persistence-carts.ts'
import { type PersistenceCase, recorder, withTables } from './persistence-kit.ts'

const lock = { lock: 'update' } as const
/** A lock makes trying again unnecessary. */
const once = { attempts: 1 }

/** Locks: what is read for an update stays as it was read. */
export const lockCases: readonly PersistenceCase[] = [
  {
    name: 'units of work that read with a lock and change the same aggregate all succeed, the first time',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c').fill({ sku: 'tea', quantity: 1 }))
      const reads = [
        () => repository.get('c', lock),
        async () => (await repository.find('c', lock))!,
        async () => (await repository.findMany(['c'], lock))[0]!,
        async () => (await repository.of('ada', lock))!,
      ]
      const units = Array.from({ length: 12 }, (_, i) =>
        database.run(async () => repository.save(more(await reads[i % reads.length]!())), once),
      )
      await Promise.all(units)
      assert.deepEqual((await repository.get('c')).lines, [{ sku: 'tea', quantity: 13 }])
    },
  },
  {
    name: 'units of work that lock several aggregates do not block each other, in whatever order they name them',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const ids = ['a', 'b', 'c', 'd', 'e', 'f']
      await repository.saveMany(ids.map(id => Cart.open(id).fill({ sku: 'tea', quantity: 1 })))
      const units = Array.from({ length: 24 }, (_, i) => {
        const turned = [...ids.slice(i % ids.length), ...ids.slice(0, i % ids.length)]
        const named = i % 2 === 0 ? turned : turned.toReversed()
        return database.run(async () => {
          const found =
            i % 3 === 0 ? await repository.all('ada', lock) : await repository.findMany(named, lock)
          await repository.saveMany(found.map(more))
        }, once)
      })
      await Promise.all(units)
      for (const id of ids) assert.deepEqual((await repository.get(id)).lines, [{ sku: 'tea', quantity: 25 }])
    },
  },
  {
    name: 'more than fit into one statement are locked in the same order, too, in whatever order they are named',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const ids = Array.from({ length: 1_500 }, (_, i) => `cart-${i}`)
      await repository.saveMany(ids.map(id => Cart.open(id)))
      const units = Array.from({ length: 6 }, (_, i) =>
        database.run(async () => {
          const found = await repository.findMany(i % 2 === 0 ? ids : ids.toReversed(), lock)
          await repository.save(more(found.find(({ id }) => id === ids[0])!))
        }, once),
      )
      await Promise.all(units)
      assert.deepEqual((await repository.get(ids[0]!)).lines, [{ sku: 'tea', quantity: 6 }])
    },
  },
  {
    name: 'what is locked waits for the end of the unit of work before anybody else changes it',
    requires: 'shared',
    async run({ database, another }) {
      const mine = new CartRepository(await withTables(database))
      recorder(database)
      await mine.saveMany([Cart.open('c'), Cart.open('free')])
      const elsewhere = await another()
      recorder(elsewhere)
      const theirs = new CartRepository(elsewhere)
      const stale = await theirs.get('c')
      const waiting = await database.run(async () => {
        const cart = await mine.get('c', lock)
        const outcome = failure(theirs.save(more(stale)))
        await mine.save(more(cart))
        return { outcome }
      }, once)
      assert.equal((await waiting.outcome).code, 'conflict')
    },
  },
  {
    name: 'a lock shows the latest state of root and children, whatever the unit of work had seen before',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.saveMany([Cart.open('c').fill({ sku: 'tea', quantity: 1 }), Cart.open('other')])
      const units = Array.from({ length: 6 }, () =>
        database.run(
          async () => {
            await repository.find('other')
            await repository.save(more(await repository.get('c', lock)))
          },
          { isolation: 'repeatable_read', attempts: 50 },
        ),
      )
      await Promise.all(units)
      assert.deepEqual((await repository.get('c')).lines, [{ sku: 'tea', quantity: 7 }])
    },
  },
  {
    name: 'a lock needs a unit of work that may write',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c'))
      const reads: (() => Promise<unknown>)[] = [
        () => repository.find('c', lock),
        () => repository.get('c', lock),
        () => repository.findMany(['c', 'd'], lock),
        () => repository.of('ada', lock),
      ]
      for (const read of reads) {
        for (const refused of [read, () => database.run(read, { readOnly: true })]) {
          const error = await failure(refused())
          assert.equal(error.code, 'precondition_failed')
          assert.match(error.message, /lock/)
        }
      }
    },
  },
]

function more(cart: Cart): Cart {
  const quantity = cart.lines[0]?.quantity ?? 0
  return cart.fill({ sku: 'tea', quantity: quantity + 1 })
}
