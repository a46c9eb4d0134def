import assert from 'node:assert/strict'
import type { Database } from '../persistence/database.ts'
import { failure } from './failure.ts'
import { Cart, CartRepository, milk, sugar, tea } from './persistence-carts.ts'
import { type PersistenceCase, recorder, withTables } from './persistence-kit.ts'

/** Many aggregates at once, in few statements. */
export const bulkCases: readonly PersistenceCase[] = [
  {
    name: 'many are saved and found at once: new, changed and unchanged ones',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const name = (i: number) => `cart-${i}`
      const all = Array.from({ length: 300 }, (_, i) =>
        Cart.open(name(i)).fill(tea, { ...milk, quantity: i + 1 }),
      )
      await repository.saveMany(all.slice(0, 200))
      for (let i = 0; i < 100; i++) all[i]!.fill({ ...tea, quantity: i + 7 }, sugar)
      await repository.saveMany(all)
      const found = await repository.findMany([...all.map(({ id }) => id), 'nobody', name(1)])
      assert.equal(found.length, 300)
      const byId = new Map(found.map(cart => [cart.id, cart]))
      for (const { id, lines } of all) assert.deepEqual(byId.get(id)?.lines, lines)
      assert.deepEqual(await repository.findMany([]), [])
      await repository.saveMany([])
    },
  },
  {
    name: '10,000 with their children are saved, changed, found and deleted, each in far fewer statements than rows',
    async run({ database }) {
      await withTables(database)
      const { counted, statements } = counting(database)
      const repository = new CartRepository(counted)
      recorder(database)
      const many = 10_000
      const carts = Array.from({ length: many }, (_, i) => Cart.open(`c${i}`).fill(tea, milk))
      const few = async (work: Promise<unknown>) => {
        await work
        const count = statements()
        // An engine without a network between may take its rows by a few dozen.
        assert.ok(count <= (3 * many) / 20, `${count} statements`)
      }
      await few(repository.saveMany(carts))
      for (const cart of carts) cart.fill({ ...tea, quantity: 5 }, sugar)
      await few(repository.saveMany(carts))
      const [row] = await database.query(
        'SELECT count(*) AS many, sum(quantity) AS total, max(version) AS version FROM cart_lines JOIN carts ON carts.id = cart_lines.cart_id',
      )
      assert.deepEqual(row, { many: 2 * many, total: 8 * many, version: 2 })
      const ids = carts.map(({ id }) => id)
      await few(repository.findMany(ids).then(found => assert.equal(found.length, many)))
      await few(repository.deleteMany(carts))
      for (const table of ['carts', 'cart_lines']) {
        assert.deepEqual(await database.query(`SELECT 1 AS one FROM ${table}`), [])
      }
    },
  },
  {
    name: 'of many that are deleted at once, one that somebody else changed keeps all of them',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const carts = ['a', 'b', 'c'].map(id => Cart.open(id).fill(tea))
      await repository.saveMany(carts)
      await repository.save((await repository.get('b')).fill(milk))
      assert.equal((await failure(repository.deleteMany(carts))).code, 'conflict')
      const unknown = repository.deleteMany([carts[0]!, Cart.open('new')])
      assert.equal((await failure(unknown)).code, 'precondition_failed')
      assert.equal((await repository.findMany(['a', 'b', 'c'])).length, 3)
      assert.deepEqual((await repository.get('a')).lines, [tea])
      await repository.deleteMany([carts[0]!, carts[2]!, carts[0]!])
      await repository.deleteMany([])
      assert.deepEqual(await database.query('SELECT id FROM carts'), [{ id: 'b' }])
    },
  },
]

/** The same database, with a count of the statements that went through it since the count was last asked for. */
function counting(database: Database): { counted: Database; statements(): number } {
  let count = 0
  const counted = new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name === 'query' || name === 'execute') count++
      return value.bind(target)
    },
  })
  const statements = () => {
    const counted = count
    count = 0
    return counted
  }
  return { counted, statements }
}
