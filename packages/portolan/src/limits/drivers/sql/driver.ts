import { type AnsweringInsert, answeringInserts } from '../../../persistence/answering-insert.ts'
import type { Database } from '../../../persistence/database.ts'
import { leaseClock } from '../../../persistence/lease-clock.ts'
import { outsideOfUnits } from '../../../persistence/outside-of-units.ts'
import { rowKey } from '../../../persistence/row-key.ts'
import type { SqlValue } from '../../../persistence/sql-value.ts'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock } from '../../../ports/time.ts'
import { systemClock } from '../../../runtime/clock.ts'
import { fullKey, type LimitDriver, type Rule } from '../../driver.ts'
import { outcomes, takeStatement } from './statements.ts'
import { migrations, namespace } from './tables.ts'

const pruneAfterMs = 60_000

export interface DatabaseLimitsOptions {
  /** Holds the limits in a table of its own, which is made at the first use. It stays yours to close. */
  readonly database: Database
  /** Of a SQLite file; servers have their own. Default: the system's. */
  readonly clock?: Clock
}

interface Row {
  readonly outcome: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly strikes: number
  readonly strike_at: number
  readonly seen_at: number
}

type Take = (values: Readonly<Record<string, SqlValue>>) => Promise<Row>

/**
 * Limits as rows of a database, by the clock of its server. Each step is one statement, outside of any unit of work: what was taken stays
 * taken whatever becomes of the work.
 *
 * @example
 * const limits = createLimits({ driver: databaseLimits({ database }) })
 */
export function databaseLimits({ database, clock = systemClock }: DatabaseLimitsOptions): LimitDriver {
  const { dialect } = database
  const now = dialect === 'sqlite' ? ':time' : leaseClock(database, clock).sql
  const takes = new WeakMap<Rule, Take>()
  let insert: AnsweringInsert
  let prunedAt = 0

  const time = () => Math.floor(clock.now())

  /** One statement a limit: with its facts as literals, the engine plans it once for all, and little is sent. */
  function takeOf(rule: Rule): Take {
    let take = takes.get(rule)
    if (!take) {
      take = insert<Row>(takeStatement(dialect, now, rule))
      takes.set(rule, take)
    }
    return take
  }

  async function prune(): Promise<void> {
    prunedAt = clock.monotonic()
    const now = leaseClock(database, clock)
    await database.execute(`DELETE FROM portolan_rate_limit WHERE forget_at < ${now.sql}`, now.parameters)
  }

  return {
    name: dialect,
    capabilities: { shared: database.capabilities.shared, ownClock: dialect !== 'sqlite' },
    async open() {
      outsideOfUnits(database, inside)
      await database.migrate(namespace, migrations)
      insert = await answeringInserts(database)
      await prune()
    },
    async take(key, rule, cost) {
      outsideOfUnits(database, inside)
      const units = rule.algorithm === 'token_bucket' ? cost * rule.perUnitMs : cost
      const { strike_at, seen_at, outcome, ...state } = await takeOf(rule)({
        name: rowKey(fullKey(rule, key)),
        time: time(),
        cost: units,
      })
      if (clock.monotonic() - prunedAt > pruneAfterMs) await prune()
      return { ...state, strikeAt: strike_at, now: seen_at, outcome: outcomes[outcome]! }
    },
    async forget(key, rule) {
      await database.execute('DELETE FROM portolan_rate_limit WHERE name = ?', [rowKey(fullKey(rule, key))])
    },
    classify: cause => new InfrastructureError('internal', 'The limits failed in the database.', { cause }),
    health: () => database.health(),
    async close() {},
  }
}

const inside =
  'A limit cannot be asked inside of a unit of work of the database that holds it: it would be held up for all others, and forgotten ' +
  'with a rollback. Ask before the unit of work begins.'
