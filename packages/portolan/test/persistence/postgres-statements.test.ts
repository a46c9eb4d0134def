import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { mapping, openDatabase, postgres, SqlRepository } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'

const skip = await skipWithout('postgres')

test('each session reads what its own table of the same name holds', { skip }, async () => {
  await using on = await opened()
  const { database } = on
  const read = () => database.query('SELECT v FROM own ORDER BY v')
  const make = async (type: string) => {
    await database.execute(`CREATE TEMPORARY TABLE own (v ${type}) ON COMMIT DROP`)
    await database.execute('INSERT INTO own (v) VALUES (?)', ['7'])
  }
  await database.run(async () => {
    await make('integer')
    assert.deepEqual(await read(), [{ v: 7 }])
    await database.run(
      async () => {
        await make('text')
        for (let i = 0; i < 2; i++) assert.deepEqual(await read(), [{ v: '7' }])
      },
      { propagation: 'requires_new' },
    )
    assert.deepEqual(await read(), [{ v: 7 }])
  })
})

test('the first answer to a statement serves those that were sent right behind it', { skip }, async () => {
  await using on = await opened()
  const { database } = on
  await database.run(async () => {
    await database.query('SELECT 1 AS begun')
    const sent = [1, 2, 3].map(n => database.query('SELECT CAST(? AS integer) AS n, NULL AS nothing', [n]))
    assert.deepEqual(
      await Promise.all(sent),
      [1, 2, 3].map(n => [{ n, nothing: null }]),
    )
  })
})

test('a statement whose first values were refused answers the next ones', { skip }, async () => {
  await using on = await opened()
  const read = (text: string) => on.database.query('SELECT CAST(? AS integer) AS n', [text])
  await assert.rejects(read('none'), { code: 'invalid_argument' })
  for (let i = 0; i < 2; i++) assert.deepEqual(await read('7'), [{ n: 7 }])
})

test('over a pool of the application, statements are prepared and answers are the same', {
  skip,
}, async () => {
  await using on = await opened()
  const pool = new pg.Pool({ connectionString: on.url, max: 1 })
  // Its end does not wait until the server knows of it, which drops the database.
  pool.on('error', () => {})
  try {
    const database = postgres({ pool })
    await database.execute('CREATE TABLE kept (id bigint PRIMARY KEY, price integer, data bytea)')
    const rows = [
      { id: 1, price: 5, data: new Uint8Array([0, 255]) },
      { id: 2 ** 53 - 1, price: null, data: null },
      { id: 2n ** 62n, price: -1, data: new Uint8Array() },
    ]
    for (const { id, price, data } of rows) {
      const insert = 'INSERT INTO kept (id, price, data) VALUES (?, ?, ?)'
      assert.equal(await database.execute(insert, [id, price, data]), 1)
    }
    const read = () => database.query('SELECT id, price, data FROM kept ORDER BY id')
    for (let i = 0; i < 3; i++) assert.deepEqual(await read(), rows)
    const prepared = await database.query('SELECT statement FROM pg_prepared_statements')
    assert.equal(prepared.filter(({ statement }) => `${statement}`.startsWith('SELECT id, price')).length, 1)
    await database.execute('ALTER TABLE kept ALTER COLUMN price TYPE text')
    assert.deepEqual(
      await read(),
      rows.map(row => ({ ...row, price: row.price === null ? null : `${row.price}` })),
    )
  } finally {
    await pool.end()
  }
})

interface Tables {
  carts: { id: string; version: number }
  cart_lines: { cart_id: string; sku: string }
}
interface Cart {
  readonly id: string
  readonly skus: readonly string[]
}
const mapped = mapping<Tables>()({
  table: 'carts',
  key: 'id',
  children: { cart_lines: { foreignKey: 'cart_id', key: 'sku' } },
  toRows: ({ id, skus }: Cart) => ({ root: { id }, cart_lines: skus.map(sku => ({ sku })) }),
  fromRows: ({ id }, { cart_lines }) => ({ id, skus: cart_lines.map(({ sku }) => sku) }),
})
class Carts extends SqlRepository(mapped) {}

test('a new aggregate is sent as a whole, then its commit; many without children are one statement', {
  skip,
}, async () => {
  await using on = await opened('?pool_max=1')
  const { database } = on
  await database.execute('CREATE TABLE carts (id text PRIMARY KEY, version integer NOT NULL)')
  await database.execute(
    'CREATE TABLE cart_lines (cart_id text REFERENCES carts, sku text, PRIMARY KEY (cart_id, sku))',
  )
  const carts = new Carts(database)
  const cart = (id: string, ...skus: readonly string[]) => ({ id, skus })
  // What they need to know of the tables is looked up once.
  await carts.saveMany([cart('a', 'milk', 'tea'), cart('b')])
  const traffic = await on.traffic()
  await carts.save(cart('c', 'milk', 'tea'))
  assert.deepEqual(traffic.splice(0), ['BEGIN', 'INSERT', 'INSERT', 'answer', 'COMMIT', 'answer'])
  await carts.saveMany([cart('d'), cart('e')])
  assert.deepEqual(traffic.splice(0), ['INSERT', 'answer'])
  assert.deepEqual((await carts.get('c')).skus, ['milk', 'tea'])
})

interface Sent {
  readonly text: string
  callback?: (...answer: unknown[]) => void
}

async function opened(parameters = '') {
  const fresh = await freshDatabase('postgres')
  const database = await openDatabase(`${fresh.url}${parameters}` as `postgres://${string}`)
  return {
    database,
    url: fresh.url,
    /** What goes over the connection that is used next: first words of statements, and answers. The telling of commits is left out. */
    async traffic(): Promise<string[]> {
      const seen: string[] = []
      const answered = () => seen.at(-1) === 'answer' || seen.push('answer')
      await database.native.use(async client => {
        const query = client.query.bind(client) as (sent: Sent) => Promise<unknown> | Sent
        const watched = (sent: Sent) => {
          if (sent.text.includes('pg_notify')) return query(sent)
          seen.push(sent.text.split(' ')[0]!)
          const { callback } = sent
          if (callback) {
            sent.callback = (...answer) => {
              answered()
              callback(...answer)
            }
          }
          const answer = query(sent)
          if (answer instanceof Promise) answer.then(answered, answered)
          return answer
        }
        client.query = watched as typeof client.query
      })
      return seen
    },
    async [Symbol.asyncDispose]() {
      await database.close()
      await fresh[Symbol.asyncDispose]()
    },
  }
}
