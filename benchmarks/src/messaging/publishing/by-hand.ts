import { DatabaseSync } from 'node:sqlite'
import mysql from 'mysql2/promise'
import type pg from 'pg'
import library from 'pg-transactional-outbox'
import { sent } from '../message.ts'
import { pgPool } from '../pg-pool.ts'
import type { Place } from '../places.ts'
import { outboxOf, toStore } from '../relay/pg-transactional-outbox.ts'
import { outboxColumns, outboxValues } from '../relay/store.ts'
import type { Transacting } from './transacting.ts'

const orders = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)'
const insertOrder = 'INSERT INTO orders (id, total) VALUES (?, ?)'
const insertMessage =
  'INSERT INTO outbox (id, topic, message_key, payload, created_at) VALUES (?, ?, ?, ?, ?)'
const numbered = (sql: string) => {
  let at = 0
  return sql.replaceAll('?', () => `$${++at}`)
}

/** A client and an outbox table, by hand. */
export async function transactingByHand({ engine, url, path }: Place): Promise<Transacting> {
  if (engine === 'sqlite') return onSqlite(path)
  return engine === 'postgres' ? onPostgres(url, insertByHand) : onMysql(url)
}

function onSqlite(path: string): Transacting {
  const database = new DatabaseSync(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) database.exec(`PRAGMA ${pragma}`)
  database.exec(orders)
  database.exec(`CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, ${outboxColumns})`)
  const order = database.prepare(insertOrder)
  const message = database.prepare(insertMessage)
  return {
    async transact(n, publishes) {
      database.exec('BEGIN IMMEDIATE')
      order.run(n, 1)
      if (publishes) message.run(...outboxValues(sent(n)))
      database.exec('COMMIT')
    },
    async clear() {
      const deleted = (table: string) => Number(database.prepare(`DELETE FROM ${table}`).run().changes)
      return { rows: deleted('orders'), messages: deleted('outbox') }
    },
    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}

type Insert = (client: pg.PoolClient, n: number) => Promise<unknown>

const insertByHand: Insert = (client, n) =>
  client.query({ name: 'message', text: numbered(insertMessage), values: outboxValues(sent(n)) })

async function onPostgres(url: string, insert: Insert, prepare = byHand): Promise<Transacting> {
  const pool = pgPool(url, 8)
  await pool.query(orders)
  await prepare(url, pool)
  return {
    async transact(n, publishes) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query({ name: 'order', text: numbered(insertOrder), values: [n, 1] })
        if (publishes) await insert(client, n)
        await client.query('COMMIT')
      } finally {
        client.release()
      }
    },
    async clear() {
      const deleted = async (table: string) => (await pool.query(`DELETE FROM ${table}`)).rowCount ?? 0
      return { rows: await deleted('orders'), messages: await deleted('outbox') }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function byHand(_url: string, pool: pg.Pool): Promise<void> {
  await pool.query(
    `CREATE TABLE outbox (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${outboxColumns})`,
  )
}

export async function transactingWithTransactionalOutbox({ url }: Place): Promise<Transacting> {
  const store = library.initializeMessageStorage(
    {
      outboxOrInbox: 'outbox',
      settings: {
        ...{ dbSchema: 'public', dbTable: 'outbox' },
        ...{ enableMaxAttemptsProtection: false, enablePoisonousMessageProtection: false },
      },
    },
    library.getDisabledLogger(),
  )
  return onPostgres(
    url,
    (client, n) => store(toStore(n), client),
    async (url, pool) => void (await outboxOf(url, pool)),
  )
}

async function onMysql(url: string): Promise<Transacting> {
  const pool = mysql.createPool({ uri: url, connectionLimit: 8 })
  await pool.query(orders)
  await pool.query(`CREATE TABLE outbox (seq BIGINT AUTO_INCREMENT PRIMARY KEY, ${outboxColumns})`)
  return {
    async transact(n, publishes) {
      const connection = await pool.getConnection()
      try {
        await connection.beginTransaction()
        await connection.execute(insertOrder, [n, 1])
        if (publishes) await connection.execute(insertMessage, outboxValues(sent(n)))
        await connection.commit()
      } finally {
        connection.release()
      }
    },
    async clear() {
      const deleted = async (table: string) =>
        (await pool.query<mysql.ResultSetHeader>(`DELETE FROM ${table}`))[0].affectedRows
      return { rows: await deleted('orders'), messages: await deleted('outbox') }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
