import type pg from 'pg'
import { numberIn, sent } from '../message.ts'
import { pgPool } from '../pg-pool.ts'
import type { Place } from '../places.ts'
import { Poller } from '../relay/polling.ts'
import { openStore, outboxInsert, outboxValues } from '../relay/store.ts'
import type { Wire } from '../wire/wire.ts'
import type { Flow, Handled } from './flow.ts'

/** Between two looks into an empty outbox: what most take who write one. */
const everyMs = 100

/** On PostgreSQL: a polling outbox, a client with confirms, and an inbox in the handler's transaction. */
export async function flowByHand(
  place: Place,
  openWire: () => Promise<Wire>,
  handled: Handled,
): Promise<Flow> {
  await using stack = new AsyncDisposableStack()
  const pool = pgPool(place.url, 8)
  stack.defer(() => pool.end())
  await pool.query('CREATE TABLE orders (id INTEGER NOT NULL)')
  await pool.query('CREATE TABLE effects (n INTEGER PRIMARY KEY)')
  await pool.query('CREATE TABLE inbox (id VARCHAR(36) PRIMARY KEY)')
  const transaction = async (work: (client: pg.PoolClient) => Promise<void>) => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await work(client)
      await client.query('COMMIT')
    } finally {
      client.release()
    }
  }
  const store = stack.use(await openStore(place))
  const wire = stack.use(await openWire())
  await wire.consume(payload =>
    transaction(async client => {
      const n = numberIn(payload)
      const { rowCount } = await client.query({
        ...{ name: 'inbox', text: 'INSERT INTO inbox (id) VALUES ($1) ON CONFLICT DO NOTHING', values: [n] },
      })
      if (rowCount === 0) return
      handled(n)
      await client.query({ name: 'effect', text: 'INSERT INTO effects (n) VALUES ($1)', values: [n] })
    }),
  )
  const poller = new Poller(store, messages => wire.publish(messages), everyMs)
  poller.start()
  stack.defer(() => poller.stop())
  const owned = stack.move()
  return {
    publish: (numbers, committing) =>
      transaction(async client => {
        await client.query({
          name: 'order',
          text: 'INSERT INTO orders (id) VALUES ($1)',
          values: [numbers[0]!],
        })
        for (const n of numbers)
          await client.query({ name: 'message', text: outboxInsert, values: outboxValues(sent(n)) })
        committing()
      }),
    async effects() {
      const { rows } = await pool.query('SELECT COUNT(*) AS count FROM effects')
      return Number(rows[0].count)
    },
    async clear() {
      await pool.query('DELETE FROM orders')
      await pool.query('DELETE FROM effects')
      await pool.query('VACUUM ANALYZE')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
