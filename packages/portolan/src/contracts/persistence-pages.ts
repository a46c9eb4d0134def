import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { failure } from './failure.ts'
import { Cart, CartRepository } from './persistence-carts.ts'
import { type PersistenceCase, recorder, withTables } from './persistence-kit.ts'

/** Pages and streams: by a cursor, in flat memory. */
export const pageCases: readonly PersistenceCase[] = [
  {
    name: 'pages stay stable while rows come and go',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const customers = ['ada', 'ada', 'ada', 'bob', 'bob', 'eve', 'eve']
      await repository.saveMany(customers.map((customer, i) => Cart.open(`c${i}`, customer)))
      const first = await repository.listed(3)
      assert.deepEqual(ids(first.items), ['c0', 'c1', 'c2'])
      await repository.delete(await repository.get('c2'))
      await repository.saveMany([Cart.open('before', 'aaa'), Cart.open('later', 'bob')])
      const second = await repository.listed(3, first.next)
      assert.deepEqual(ids(second.items), ['c3', 'c4', 'later'])
      const third = await repository.listed(3, second.next)
      assert.deepEqual(ids(third.items), ['c5', 'c6'])
      assert.equal(third.next, undefined)
      const last = await repository.backwards(2)
      assert.deepEqual(ids(last.items), ['later', 'c6'])
      assert.deepEqual(ids((await repository.backwards(2, last.next)).items), ['c5', 'c4'])
    },
  },
  {
    name: 'pages are ordered by several columns, each in its own direction, however many rows are equal in some',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const customers = ['ada', 'bob', 'eve']
      const carts = Array.from({ length: 40 }, (_, i) =>
        Cart.open(`c${i + 10}`, customers[i % 3], new Date((i % 4) * 1_000)),
      )
      await repository.saveMany(carts)
      const order: PageOrder = [
        ['customer', 'desc'],
        ['opened_at', 'asc'],
        ['id', 'desc'],
      ]
      const expected = carts.toSorted(
        (a, b) =>
          compared(b.customer, a.customer) ||
          a.openedAt.getTime() - b.openedAt.getTime() ||
          compared(b.id, a.id),
      )
      for (const limit of [1, 3, 7, 39, 40, 41]) {
        assert.deepEqual(ids(await everyPage(repository, order, limit)), ids(expected), `by ${limit}`)
      }
      const sameWay: PageOrder = ['customer', 'opened_at']
      const downwards = carts.toSorted(
        (a, b) =>
          compared(a.customer, b.customer) ||
          a.openedAt.getTime() - b.openedAt.getTime() ||
          compared(a.id, b.id),
      )
      assert.deepEqual(ids(await everyPage(repository, sameWay, 7)), ids(downwards))
    },
  },
  {
    name: 'a cursor that was not handed out, or a senseless limit, is refused',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.saveMany([Cart.open('a'), Cart.open('b')])
      const { next } = await repository.backwards(1)
      const forged = (...values: unknown[]) => btoa(JSON.stringify(['+customer,+id', ...values]))
      const cursors = [
        '',
        'nonsense',
        next!,
        btoa('[null,null]'),
        forged('x'),
        forged(null, 'x'),
        forged({ bigint: 'x' }, 'x'),
        forged({}, 'x'),
        forged('a\0', 'x'),
        forged('\ud800', 'x'),
        forged(5, 'x'),
      ]
      assert.deepEqual((await repository.listed(1, forged('', ''))).items.length, 1)
      for (const cursor of cursors) {
        assert.equal((await failure(repository.listed(1, cursor))).code, 'invalid_argument')
      }
      for (const limit of [0, -1, 1.5, Number.NaN, 1_001]) {
        assert.equal((await failure(repository.listed(limit))).code, 'invalid_argument')
      }
    },
  },
  {
    name: 'streaming 100,000 aggregates stays under 64 MiB, and may stop half-way',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      const digits =
        '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)'
      const rows = `SELECT 100000 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS n
        FROM ${digits} AS a, ${digits} AS b, ${digits} AS c, ${digits} AS d, ${digits} AS e`
      await database.execute(
        `INSERT INTO carts (id, customer, opened_at, version) SELECT n, 'ada', n, 1 FROM (${rows}) AS numbered`,
      )
      let count = 0
      let previous = ''
      const before = retainedBytes()
      let most = 0
      for await (const { id } of repository.everyone()) {
        assert.ok(id > previous)
        previous = id
        if (++count % 25_000 === 0) most = Math.max(most, retainedBytes() - before)
      }
      assert.equal(count, 100_000)
      assert.ok(most < 64 * 2 ** 20, `${most} bytes are held`)
      for await (const { id } of repository.everyone()) {
        if (id === '100003') break
      }
      await database.run(() => database.execute('DELETE FROM carts'))
    },
  },
]

type PageOrder = Parameters<CartRepository['by']>[0]

async function everyPage(repository: CartRepository, order: PageOrder, limit: number): Promise<Cart[]> {
  const items: Cart[] = []
  let after: string | undefined
  do {
    const page = await repository.by(order, limit, after)
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function ids(items: readonly Cart[]): string[] {
  return items.map(({ id }) => id)
}

/** What is still held after a collection; what merely was not collected yet says nothing. */
function retainedBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
