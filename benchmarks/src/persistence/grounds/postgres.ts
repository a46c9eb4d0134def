import pg from 'pg'
import { Unavailable } from '../../suite.ts'
import { databaseName, type Engine, type Ground, shared } from '../ground.ts'
import { content, indexes, orders, schema } from '../shop.ts'

const server = process.env.PORTOLAN_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

export const postgres: Engine = { name: 'postgres', open: shared(open), version }

async function version(): Promise<Record<string, string>> {
  const client = new pg.Client(server)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return { PostgreSQL: rows[0]!.server_version }
  } catch {
    return {}
  } finally {
    await client.end()
  }
}

async function open(): Promise<Ground> {
  const admin = new pg.Client(server)
  try {
    await admin.connect()
  } catch (error) {
    throw new Unavailable(`PostgreSQL does not answer (${(error as NodeJS.ErrnoException).code})`)
  }
  const name = databaseName()
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const client = new pg.Client(url.href)
  await client.connect()
  for (const sql of schema) await client.query(sql)
  for (const [table, { columns, rows }] of Object.entries(content)) {
    const all = rows()
    const arrays = columns.map((_, i) => all.map(row => row[i]))
    const types = columns.map((_, i) => (typeof all[0]![i] === 'number' ? 'int[]' : 'text[]'))
    const lists = types.map((type, i) => `$${i + 1}::${type}`).join(', ')
    await client.query(`INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${lists})`, arrays)
  }
  for (const sql of indexes) await client.query(sql)
  await client.query('VACUUM ANALYZE')
  return {
    url: url.href,
    orders: new Map(orders.map(order => [order.id, order])),
    query: async sql => (await client.query(sql)).rows,
    execute: async sql => void (await client.query(sql)),
    async [Symbol.asyncDispose]() {
      await client.end()
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
