import { answeringInserts } from '../../../persistence/answering-insert.ts'
import type { Database } from '../../../persistence/database.ts'
import { leaseClock } from '../../../persistence/lease-clock.ts'
import { outsideOfUnits } from '../../../persistence/outside-of-units.ts'
import { rowKey } from '../../../persistence/row-key.ts'
import type { SqlValue } from '../../../persistence/sql-value.ts'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock } from '../../../ports/time.ts'
import { systemClock } from '../../../runtime/clock.ts'
import { type Attempt, type LockDriver, rememberMs } from '../../driver.ts'
import { lockStatements } from './statements.ts'
import { migrations, namespace } from './tables.ts'

const pruneAfterMs = 60 * 60 * 1_000

interface AttemptRow {
  readonly token: number
  readonly holder: string
  readonly left_ms: number
}

export interface DatabaseLocksOptions {
  /** Holds the locks in tables of its own, which are made at the first use. It stays yours to close. */
  readonly database: Database
  /** Of a SQLite file; servers have their own. Default: the system's. */
  readonly clock?: Clock
}

/**
 * Locks as rows of a database, by the clock of its server. They are taken and released at once, outside of any unit of work.
 *
 * @example
 * const locks = createLocks({ driver: databaseLocks({ database }) })
 */
export function databaseLocks({ database, clock = systemClock }: DatabaseLocksOptions): LockDriver {
  const { dialect } = database
  const statements = lockStatements(dialect, dialect === 'sqlite' ? ':time' : leaseClock(database, clock).sql)
  let attempt: (values: Readonly<Record<string, SqlValue>>) => Promise<AttemptRow>
  let prunedAt = 0

  const time = () => Math.floor(clock.now())

  async function prune(): Promise<void> {
    prunedAt = clock.monotonic()
    await database.execute(...statements.prune({ time: time(), remember: rememberMs }))
  }

  return {
    name: dialect,
    capabilities: { shared: database.capabilities.shared, ownClock: dialect !== 'sqlite', durable: true },
    async open() {
      outsideOfUnits(database, inside)
      await database.migrate(namespace, migrations)
      attempt = (await answeringInserts(database))<AttemptRow>(statements.acquire)
      await prune()
    },
    async acquire(name, holder, ttlMs, announceMs): Promise<Attempt> {
      outsideOfUnits(database, inside)
      const values = {
        ...{ name: rowKey(name), holder, time: time() },
        ...{ ttl: Math.ceil(ttlMs), announce: Math.ceil(announceMs) },
      }
      const row = await attempt(values)
      return row.holder === holder && row.left_ms > 0
        ? { taken: true, token: row.token }
        : { taken: false, freeInMs: Math.max(0, row.left_ms) }
    },
    async renew(name, holder, ttlMs) {
      const values = { name: rowKey(name), holder, time: time(), ttl: Math.ceil(ttlMs) }
      return (await database.execute(...statements.renew(values))) > 0
    },
    async release(name, holder) {
      await database.execute(...statements.release({ name: rowKey(name), holder, time: time() }))
      if (clock.monotonic() - prunedAt > pruneAfterMs) await prune()
    },
    // Every look for a lock is a commit itself, so commits tell nothing.
    onFree: () => () => {},
    classify: cause => new InfrastructureError('internal', 'The locks failed in the database.', { cause }),
    health: () => database.health(),
    async close() {},
  }
}

const inside =
  'A lock cannot be taken inside of a unit of work of the database that holds it: others would not see it before the commit. ' +
  'Take the lock first, and begin the unit of work under it.'
