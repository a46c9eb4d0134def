import type pg from 'pg'
import library from 'pg-transactional-outbox'
import type { Arrivals } from '../arrivals.ts'
import { keyOf, type Placed, placed } from '../message.ts'
import { pgPool } from '../pg-pool.ts'
import type { Place } from '../places.ts'
import type { Relaying } from './relaying.ts'

const { DatabaseSetup, getDisabledLogger, initializeMessageStorage, initializePollingMessageListener } =
  library

/** More than 5, the default: its query for the next ones is what costs. */
const batch = 100

/** Its tables, as its own setup makes them, and its settings. */
export async function outboxOf(url: string, pool: pg.Pool) {
  const names = { database: new URL(url).pathname.slice(1), schema: 'public', table: 'outbox' }
  const setup = {
    ...{ ...names, outboxOrInbox: 'outbox' as const, listenerRole: 'postgres' },
    nextMessagesName: 'next_outbox_messages',
  }
  await pool.query(DatabaseSetup.dropAndCreateTable(setup))
  await pool.query(DatabaseSetup.createPollingFunction(setup))
  await pool.query(DatabaseSetup.setupPollingIndexes(setup))
  return {
    outboxOrInbox: 'outbox' as const,
    dbListenerConfig: { connectionString: url, max: 10 },
    settings: {
      ...{ dbSchema: 'public', dbTable: 'outbox' },
      ...{ enableMaxAttemptsProtection: false, enablePoisonousMessageProtection: false },
      ...{ nextMessagesBatchSize: batch, nextMessagesFunctionName: 'next_outbox_messages' },
      ...{ nextMessagesPollingIntervalInMs: 10, messageCleanupIntervalInMs: 0 },
    },
  }
}

/** A message that needs no order; with order, it takes one of a segment at a time. */
export const toStore = (n: number) => ({
  ...{ id: crypto.randomUUID(), aggregateType: 'order', aggregateId: keyOf(n), messageType: 'placed' },
  ...{ payload: placed(n), concurrency: 'parallel' as const },
})

export async function transactionalOutboxRelay({ url }: Place, arrivals: Arrivals): Promise<Relaying> {
  const pool = pgPool(url, 4)
  const config = await outboxOf(url, pool)
  const logger = getDisabledLogger()
  const store = initializeMessageStorage(config, logger)
  let stop = nothing
  const handle = async ({ payload }: { payload: unknown }) => arrivals.add((payload as Placed).n)
  return {
    async fill(numbers) {
      await pool.query('TRUNCATE outbox')
      const client = await pool.connect()
      await client.query('BEGIN')
      for (const n of numbers) await store(toStore(n), client)
      await client.query('COMMIT')
      client.release()
      await pool.query('VACUUM ANALYZE outbox')
    },
    release() {
      const strategies = { batchSizeStrategy: async () => batch }
      ;[stop] = initializePollingMessageListener(config, { handle }, logger, strategies)
    },
    async settled() {
      for (let left = 1; left > 0; ) {
        const { rows } = await pool.query('SELECT COUNT(*) AS left FROM outbox WHERE processed_at IS NULL')
        left = Number(rows[0].left)
      }
      await stop()
      stop = nothing
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await pool.end()
    },
  }
}

async function nothing() {}
