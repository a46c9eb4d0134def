import { DatabaseSync } from 'node:sqlite'
import mysql from 'mysql2/promise'
import type { Sent } from '../message.ts'
import { pgPool } from '../pg-pool.ts'
import type { Place } from '../places.ts'

/** The outbox table as everybody makes it, and the statements that one writes over it by hand. */
export interface OutboxStore extends AsyncDisposable {
  /** In one transaction. */
  insert(messages: readonly Sent[]): Promise<void>
  /**
   * In one transaction: the first ones that nobody else has in hand, with what is to be done with them, and away they are. Resolves
   * with their number.
   */
  move(limit: number, publish: (messages: readonly Sent[]) => Promise<void>): Promise<number>
  /** Between two rounds. */
  settle(): Promise<void>
}

interface Row extends Sent {
  readonly seq: number | string
}

export const outboxColumns = `id VARCHAR(36) NOT NULL, topic VARCHAR(100) NOT NULL, message_key VARCHAR(100) NOT NULL,
  payload TEXT NOT NULL, created_at BIGINT NOT NULL`
const first = 'SELECT seq, id, message_key AS "key", payload FROM outbox ORDER BY seq LIMIT'
export const outboxValues = ({ id, key, payload }: Sent) => [
  id,
  'bench.order.placed',
  key,
  payload,
  Date.now(),
]

/** On PostgreSQL. */
export const outboxInsert =
  'INSERT INTO outbox (id, topic, message_key, payload, created_at) VALUES ($1, $2, $3, $4, $5)'

export function openStore(place: Place): Promise<OutboxStore> | OutboxStore {
  return { sqlite: sqliteStore, postgres: postgresStore, mysql: mysqlStore }[place.engine](place)
}

function sqliteStore({ path }: Place): OutboxStore {
  const database = new DatabaseSync(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) database.exec(`PRAGMA ${pragma}`)
  database.exec(`CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, ${outboxColumns})`)
  const insert = database.prepare(
    'INSERT INTO outbox (id, topic, message_key, payload, created_at) VALUES (?, ?, ?, ?, ?)',
  )
  const select = database.prepare(`${first} ?`)
  const remove = database.prepare('DELETE FROM outbox WHERE seq IN (SELECT value FROM json_each(?))')
  return {
    async insert(messages) {
      database.exec('BEGIN IMMEDIATE')
      for (const message of messages) insert.run(...outboxValues(message))
      database.exec('COMMIT')
    },
    async move(limit, publish) {
      // There is one writer: a lock would hold up whoever publishes.
      const rows = select.all(limit) as unknown as Row[]
      if (rows.length === 0) return 0
      await publish(rows)
      remove.run(JSON.stringify(rows.map(({ seq }) => seq)))
      return rows.length
    },
    async settle() {
      database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    },
    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}

async function postgresStore({ url }: Place): Promise<OutboxStore> {
  const pool = pgPool(url, 4)
  await pool.query(
    `CREATE TABLE outbox (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${outboxColumns})`,
  )
  return {
    async insert(messages) {
      const rows = messages.map(outboxValues)
      await pool.query({
        name: 'insert',
        text: `INSERT INTO outbox (id, topic, message_key, payload, created_at)
          SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])`,
        values: rows[0]!.map((_, i) => rows.map(row => row[i])),
      })
    },
    async move(limit, publish) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const { rows } = await client.query<Row>({
          ...{ name: 'select', text: `${first} $1 FOR UPDATE SKIP LOCKED`, values: [limit] },
        })
        if (rows.length > 0) {
          await publish(rows)
          await client.query({
            ...{ name: 'delete', text: 'DELETE FROM outbox WHERE seq = ANY($1::bigint[])' },
            values: [rows.map(({ seq }) => seq)],
          })
        }
        await client.query('COMMIT')
        return rows.length
      } finally {
        client.release()
      }
    },
    settle: async () => void (await pool.query('VACUUM ANALYZE outbox')),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function mysqlStore({ url }: Place): Promise<OutboxStore> {
  const pool = mysql.createPool({ uri: url, connectionLimit: 4 })
  await pool.query(`CREATE TABLE outbox (seq BIGINT AUTO_INCREMENT PRIMARY KEY, ${outboxColumns})`)
  return {
    async insert(messages) {
      await pool.query('INSERT INTO outbox (id, topic, message_key, payload, created_at) VALUES ?', [
        messages.map(outboxValues),
      ])
    },
    async move(limit, publish) {
      const connection = await pool.getConnection()
      try {
        await connection.beginTransaction()
        const [found] = await connection.query<mysql.RowDataPacket[]>(
          `${first.replaceAll('"', '`')} ? FOR UPDATE SKIP LOCKED`,
          [limit],
        )
        const rows = found as Row[]
        if (rows.length > 0) {
          await publish(rows)
          await connection.query('DELETE FROM outbox WHERE seq IN (?)', [rows.map(({ seq }) => seq)])
        }
        await connection.commit()
        return rows.length
      } finally {
        connection.release()
      }
    },
    async settle() {},
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
