import assert from 'node:assert/strict'
import { InfrastructureError } from '../ports/errors.ts'
import { failure } from './failure.ts'
import { Cart, CartRepository, milk, sugar, tea } from './persistence-carts.ts'
import { type PersistenceCase, recorder, withTables } from './persistence-kit.ts'

/** What repositories remember and hand on follows the fate of the transaction. */
export const aggregateEventCases: readonly PersistenceCase[] = [
  {
    name: 'after a rollback everything is as before: rows, versions, and what counts as saved',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const kept = Cart.open('kept').fill(tea)
      await repository.save(kept)
      const fresh = Cart.open('fresh').fill(milk)
      const outcome = database.run(async () => {
        await repository.save(fresh)
        await repository.save(kept.fill(sugar))
        await repository.save(kept.fill(sugar, milk))
        await repository.delete(await repository.get('kept'))
        throw new Error('no')
      })
      await assert.rejects(outcome, /no/)
      assert.equal(await repository.find('fresh'), undefined)
      assert.deepEqual((await repository.get('kept')).lines, [tea])
      await repository.saveMany([fresh, kept])
      assert.deepEqual((await repository.get('fresh')).lines, [milk])
      assert.deepEqual((await repository.get('kept')).lines, [sugar, milk])
      assert.deepEqual(await database.query("SELECT version FROM carts WHERE id = 'kept'"), [{ version: 2 }])
    },
  },
  {
    name: 'a nested unit of work that rolls back takes back what its repositories remember',
    requires: 'savepoints',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      const events = recorder(database)
      const [kept, lost] = [Cart.open('kept'), Cart.open('lost')]
      await database.run(async () => {
        await repository.save(kept)
        const nested = database.run(
          async () => {
            await repository.save(lost)
            throw new Error('no')
          },
          { propagation: 'nested' },
        )
        await nested.catch(() => {})
      })
      assert.deepEqual(
        events.map(({ key }) => key),
        ['kept'],
      )
      await repository.save(lost)
      assert.ok(await repository.find('lost'))
    },
  },
  {
    name: 'events go out once, with the commit; a unit of work that is run again hands them on again',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      const committed = recorder(database)
      const cart = Cart.open('c')
      let tries = 0
      await database.run(async () => {
        await repository.save(cart)
        await repository.save(cart)
        if (++tries < 3) throw new InfrastructureError('conflict', 'Again.', { retry: 'now' })
      })
      assert.deepEqual(committed, [{ type: 'cart.opened', data: { id: 'c' }, key: 'c' }])
      await repository.save(cart)
      await repository.save(cart.fill(tea))
      assert.deepEqual(
        committed.map(({ type }) => type),
        ['cart.opened', 'cart.filled'],
      )
      const failed = database.run(async () => {
        await repository.save(cart.fill(milk))
        throw new Error('no')
      })
      await failed.catch(() => {})
      assert.equal(committed.length, 2)
      await repository.save(cart)
      assert.equal(committed.length, 3)
    },
  },
  {
    name: 'events that nobody takes are an error, not lost',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      assert.equal((await failure(repository.save(Cart.open('c')))).code, 'precondition_failed')
      assert.equal(await repository.find('c'), undefined)
    },
  },
]
