import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Database, mapping, openDatabase, SqlRepository } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'

interface Tables {
  events: { id: string; kind: string; at: number; version: number }
}
interface Event {
  readonly id: string
  readonly kind: string
  readonly at: number
}

const many = 20_000
const limit = 10

class Events extends SqlRepository(
  mapping<Tables>()({
    table: 'events',
    key: 'id',
    toRows: ({ id, kind, at }: Event) => ({ root: { id, kind, at } }),
    fromRows: ({ id, kind, at }) => ({ id, kind, at }),
  }),
) {
  ordered(direction: 'asc' | 'desc', after?: string) {
    return this.page({ by: ['kind', 'at'], direction, limit, after })
  }
}

/** A page from the middle, and the statement that it ran. */
async function pageStatement(database: Database, direction: 'asc' | 'desc') {
  await database.execute(
    'CREATE TABLE events (id varchar(20) not null primary key, kind varchar(10) not null, at bigint not null, version integer not null)',
  )
  await database.execute('CREATE INDEX events_in_order ON events (kind, at, id)')
  const rows = Array.from({ length: many }, (_, i) => ({ id: `e${i}`, kind: i % 2 ? 'a' : 'b', at: i }))
  await new Events(database).saveMany(rows)
  const ran: { sql: string; parameters: readonly (string | number)[] }[] = []
  const watched = new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'query') return value.bind(target)
      return (sql: string, parameters: readonly (string | number)[]) => {
        ran.push({ sql, parameters })
        return target.query(sql, parameters)
      }
    },
  })
  const middle = rows[many / 2 + 1]!
  const order = direction === 'asc' ? '+kind,+at,+id' : '-kind,-at,-id'
  const cursor = btoa(JSON.stringify([order, middle.kind, middle.at, middle.id]))
  const { items } = await new Events(watched).ordered(direction, cursor)
  assert.equal(items.length, limit)
  return ran.at(-1)!
}

for (const direction of ['asc', 'desc'] as const) {
  test(`SQLite finds in an index where a page begins, ${direction}`, async () => {
    await using database = await openDatabase('sqlite::memory:')
    const { sql, parameters } = await pageStatement(database, direction)
    const plan = await database.query<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters)
    const details = plan.map(({ detail }) => detail.replace(/[<>]/, '~'))
    assert.ok(
      details.includes('SEARCH events USING INDEX events_in_order ((kind,at,id)~(?,?,?))'),
      `${details}`,
    )
    assert.ok(!details.some(detail => /TEMP B-TREE/.test(detail)), `${details}`)
  })

  test(`PostgreSQL finds in an index where a page begins, ${direction}`, {
    skip: await skipWithout('postgres'),
  }, async () => {
    await using fresh = await freshDatabase('postgres')
    await using database = await openDatabase(fresh.url)
    const { sql, parameters } = await pageStatement(database, direction)
    await database.execute('ANALYZE events')
    const plan = await database.query(`EXPLAIN (ANALYZE) ${sql}`, parameters)
    const text = plan.map(row => String(Object.values(row)[0])).join('\n')
    assert.match(text, /Index .*Scan.* using events_in_order/)
    assert.match(text, /Index Cond: \(ROW\(/)
    assert.doesNotMatch(text, /Rows Removed by Filter|Sort/)
  })

  test(`MySQL finds in an index where a page begins, ${direction}`, {
    skip: await skipWithout('mysql'),
  }, async () => {
    await using fresh = await freshDatabase('mysql')
    await using database = await openDatabase(fresh.url)
    const { sql, parameters } = await pageStatement(database, direction)
    await database.execute('ANALYZE TABLE events')
    const read = () =>
      database.run(async () => {
        await database.execute('FLUSH STATUS')
        await database.query(sql, parameters)
        const counts = await database.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return counts.reduce((sum, { Value }) => sum + Number(Value), 0)
      })
    const touched = await read()
    // An index that is used for the kind alone would step over a quarter of the rows.
    assert.ok(touched < 5 * limit, `${touched} rows were touched`)
  })
}
