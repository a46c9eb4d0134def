import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Database, mapping, openDatabase, SqlRepository } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'

interface Tables {
  carts: { id: string; customer: string; deleted_at: number | null; version: number }
  cart_lines: { cart_id: string; sku: string; size: string; quantity: number }
}
interface Cart {
  readonly id: string
  readonly customer: string
  readonly lines: readonly { readonly sku: string; readonly size: string; readonly quantity: number }[]
}

const carts = mapping<Tables>()({
  table: 'carts',
  key: 'id',
  softDelete: 'deleted_at',
  children: { cart_lines: { foreignKey: 'cart_id', key: 'sku', orderBy: 'size' } },
  toRows: ({ id, customer, lines }: Cart) => ({ root: { id, customer }, cart_lines: lines }),
  fromRows: ({ id, customer }, { cart_lines }) => ({
    id,
    customer,
    lines: cart_lines.map(({ sku, size, quantity }) => ({ sku, size, quantity })),
  }),
})
class Carts extends SqlRepository(carts) {}

const cart: Cart = {
  id: 'a',
  customer: 'Ada',
  lines: [
    { sku: 'x', size: 'small', quantity: 1 },
    { sku: 'y', size: 'medium', quantity: 2 },
    { sku: 'z', size: 'large', quantity: 3 },
  ],
}

async function tables(database: Database, size: string): Promise<void> {
  await database.execute(
    'CREATE TABLE carts (id varchar(20) not null primary key, customer varchar(20) not null, deleted_at bigint, version integer not null)',
  )
  await database.execute(
    `CREATE TABLE cart_lines (cart_id varchar(20) not null, sku varchar(20) not null, size ${size} not null,
      quantity integer not null, primary key (cart_id, sku))`,
  )
}

/** The database, and the queries that it is asked. */
function watched(database: Database): { readonly database: Database; readonly asked: string[] } {
  const asked: string[] = []
  const proxy = new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name === 'run') asked.push('run')
      if (name !== 'query') return value.bind(target)
      return (sql: string, parameters: readonly string[]) => {
        asked.push(sql)
        return target.query(sql, parameters)
      }
    },
  })
  return { database: proxy, asked }
}

const skip = await skipWithout('mysql')

suite('a root and its children', () => {
  test('come by one statement, outside of any transaction', async () => {
    await using database = await openDatabase('sqlite::memory:')
    await tables(database, 'varchar(20)')
    const { database: seen, asked } = watched(database)
    const repository = new Carts(seen)
    await repository.save(cart)
    asked.length = 0
    assert.deepEqual(await repository.find('a'), { ...cart, lines: cart.lines.toReversed().toSorted(bySize) })
    assert.equal(asked.length, 1)
  })

  test('children whose root is not there, or counts as deleted, are nobody', async () => {
    await using database = await openDatabase('sqlite::memory:')
    await tables(database, 'varchar(20)')
    const repository = new Carts(database)
    await repository.save(cart)
    await database.execute('INSERT INTO cart_lines SELECT ?, sku, size, quantity FROM cart_lines', ['b'])
    assert.equal(await repository.find('b'), undefined)
    await repository.delete((await repository.find('a'))!)
    assert.equal(await repository.find('a'), undefined)
    assert.equal((await repository.find('a', { includeDeleted: true }))?.lines.length, 3)
  })

  test('children keep the order that their column has in the engine', {
    skip,
  }, async () => {
    await using fresh = await freshDatabase('mysql', { label: 'families' })
    await using database = await openDatabase(fresh.url)
    await tables(database, "enum ('small', 'medium', 'large')")
    const repository = new Carts(database)
    await repository.save(cart)
    assert.deepEqual(await repository.find('a'), cart)
    assert.deepEqual(await repository.findMany(['a', 'b']), [cart])
  })
})

function bySize(a: { readonly size: string }, b: { readonly size: string }): number {
  return a.size < b.size ? -1 : 1
}
