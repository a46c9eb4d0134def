import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from '../../../persistence/database.ts'
import { leaseClock } from '../../../persistence/lease-clock.ts'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock, Duration } from '../../../ports/time.ts'
import { systemClock } from '../../../runtime/clock.ts'
import { milliseconds } from '../../../runtime/duration.ts'
import type { BusListener, CacheBus } from '../../driver.ts'
import { Sequence } from './sequence.ts'
import { migrations, namespace } from './tables.ts'

/** Messages are kept for so long; whoever has not listened for half of it has missed some. */
const keptMs = 60_000
const pruneEveryMs = 10_000
const mostRead = 500
/** After a hint, others are waited for: each commit of the database gives one. */
const gatherMs = 5

export interface DatabaseBusOptions {
  /** Holds the messages in a table of its own, which is made at the first use. It stays yours to close. */
  readonly database: Database
  /** Tells caches apart that share a database. 1 to 60 of A-Z, a-z, 0-9, `.`, `_` and `-`. Default `'cache'`. */
  readonly channel?: string
  /**
   * How often to look for messages. Default: `'20ms'`; on PostgreSQL, which notifies of them, `'1s'` for when that fails.
   */
  readonly poll?: Duration
  readonly clock?: Clock
}

interface Row {
  readonly id: number
  readonly channel: string
  readonly body: string
}

/**
 * Tells of changes through the application's database: a table of messages, which the notification of a commit (PostgreSQL's `LISTEN`) or a
 * look at short intervals leads to. It stands outside of units of work.
 *
 * @example
 * const cache = createCache({ bus: databaseBus({ database }) })
 */
export function databaseBus({
  database,
  channel = 'cache',
  poll,
  clock = systemClock,
}: DatabaseBusOptions): CacheBus {
  if (!/^[\w.-]{1,60}$/.test(channel))
    throw new InfrastructureError(
      'invalid_argument',
      `'${channel}': name a channel by 1 to 60 of A-Z, a-z, 0-9, '.', '_' and '-'.`,
    )
  const pauseMs = milliseconds(poll ?? (database.dialect === 'postgres' ? '1s' : '20ms'), 'poll')
  // A message is a commit of its own, whichever unit of work the change was made in.
  const outside = AsyncLocalStorage.snapshot()
  const sequence = new Sequence(clock)
  let listening: Listening | undefined
  let prunedAt = clock.monotonic()

  async function prune(): Promise<void> {
    if (clock.monotonic() - prunedAt < pruneEveryMs) return
    prunedAt = clock.monotonic()
    const now = leaseClock(database, clock)
    const sql = `DELETE FROM portolan_cache_change WHERE at < ${now.sql} - ${keptMs}`
    await database.execute(sql, now.parameters)
  }

  async function insert(message: string): Promise<void> {
    const now = leaseClock(database, clock)
    const sql = `INSERT INTO portolan_cache_change (channel, body, at) VALUES (?, ?, ${now.sql})`
    await database.execute(sql, [channel, message, ...now.parameters])
    await prune()
  }

  /** What has come since the last look. */
  async function read(): Promise<readonly Row[]> {
    const { missing, last } = sequence
    const also = missing.length > 0 ? ` OR id IN (${missing.map(() => '?').join(', ')})` : ''
    const sql = `SELECT id, channel, body FROM portolan_cache_change WHERE id > ?${also} ORDER BY id LIMIT ${mostRead}`
    return database.query<Row>(sql, [last, ...missing])
  }

  async function newest(): Promise<number> {
    const [row] = await database.query<{ id: number | null }>(
      'SELECT MAX(id) AS id FROM portolan_cache_change',
      [],
    )
    return row?.id ?? 0
  }

  return {
    name: database.dialect,
    open: listener =>
      outside(async () => {
        await database.migrate(namespace, migrations)
        sequence.begin(await newest())
        listening ??= new Listening({ listener, clock, pauseMs, channel, sequence, read, newest }, database)
        listener.gap()
      }),
    publish: message => outside(insert, message),
    classify: cause => new InfrastructureError('internal', 'The bus of the cache failed.', { cause }),
    health: () => database.health(),
    async close() {
      listening?.close()
    },
  }
}

interface ListeningParts {
  readonly listener: BusListener
  readonly clock: Clock
  readonly pauseMs: number
  readonly channel: string
  readonly sequence: Sequence
  read(): Promise<readonly Row[]>
  newest(): Promise<number>
}

/** Looks for messages until it is closed. */
class Listening {
  readonly #parts: ListeningParts
  readonly #forget: () => void
  #closed = false
  #hinted = false
  #wake: () => void = () => {}
  #lookedAt: number

  constructor(parts: ListeningParts, database: Database) {
    this.#parts = parts
    this.#lookedAt = parts.clock.monotonic()
    this.#forget = database.onCommit(() => {
      if (this.#hinted) return
      this.#hinted = true
      this.#wake()
    })
    void this.#run()
  }

  /** A look behind a network that swallows everything is not waited for: the database ends it. */
  close(): void {
    this.#closed = true
    this.#forget()
    this.#wake()
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      this.#hinted = false
      const more = await this.#look().catch(() => {
        // The next look finds what was missed.
        return false
      })
      if (more || this.#closed) continue
      if (!this.#hinted) await this.#pause(this.#parts.pauseMs)
      if (this.#hinted && !this.#closed) await this.#pause(gatherMs)
    }
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = this.#parts.clock.timer(ms, resolve)
    return promise.finally(() => timer.cancel())
  }

  async #look(): Promise<boolean> {
    const { clock, listener, channel: own, sequence, read, newest } = this.#parts
    const before = this.#lookedAt
    if (clock.monotonic() - before > keptMs / 2) {
      sequence.begin(await newest())
      listener.gap()
    }
    const rows = await read()
    this.#lookedAt = clock.monotonic()
    for (const { id, channel, body } of rows) {
      sequence.saw(id)
      if (channel === own) listener.receive(body)
    }
    return rows.length >= mostRead
  }
}
