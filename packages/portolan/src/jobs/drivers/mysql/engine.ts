import type { Database } from '../../../persistence/database.ts'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock } from '../../../ports/time.ts'
import type { CandidateRow, JobEngine } from '../sql/engine.ts'
import { inTurn } from '../sql/steps.ts'
import { simulatedTime } from '../sql/store-time.ts'
import { insert } from './insert.ts'
import { migrations } from './schema.ts'
import * as sql from './statements.ts'

/** When the first job of each priority is due, and when the rate lets one of the groups go on that wait for it. */
interface FirstRow {
  readonly queue: string
  readonly high: number | null
  readonly normal: number | null
  readonly low: number | null
  readonly opens: number | null
}

/**
 * MySQL and MariaDB, any number of workers at once, by the server's clock. Jobs are changed by their primary key alone: locks on ranges
 * of other indexes make workers collide that have nothing to do with each other.
 */
export function mysqlEngine(database: Database, clock: Clock): JobEngine {
  const time = () => simulatedTime(clock)

  async function now(): Promise<number> {
    const [row] = await database.query<{ now: number }>(`select ${sql.now} as now`, [time()])
    return row!.now
  }

  return {
    database,
    migrations,
    words: {
      now: sql.now,
      lock: ' for update',
      lockFree: ' for update skip locked',
      hold: ' for update',
      ids: sql.ids,
      ignoringConflicts: 'on duplicate key update portolan_job.id = portolan_job.id',
    },
    oneMachine: false,
    time,
    now,
    // In turn: when the server gives up a transaction, what was sent behind the statement that failed would be done outside of any.
    all: inTurn,

    insert: jobs => database.run(async () => insert(database, jobs, await now())),
    async nextDue(queues) {
      if (queues.length === 0) return []
      const at = await now()
      const rows = await database.query<FirstRow>(
        queues.map(() => sql.nextDue).join(' union all '),
        queues.flatMap(queue => [queue, queue, queue, queue, queue]),
      )
      return rows.map(({ queue, high, normal, low, opens }) => {
        const times = [high, normal, low, opens].filter(earliest => earliest !== null)
        return { queue, due: times.length === 0 ? null : Math.min(...times) - at }
      })
    },

    begin: async () => {},
    async candidates(queue, limit) {
      const rows: CandidateRow[] = []
      for (let priority = 0; priority <= 2 && rows.length < limit; priority++) {
        const parameters = [queue, priority, time(), limit - rows.length]
        rows.push(...(await database.query<CandidateRow>(sql.candidates, parameters)))
      }
      return rows
    },
    anchor: ids => database.query(sql.anchor, [ids]),
    async take(session, ids, grouped) {
      await database.execute(sql.take, [ids, session])
      if (grouped === 0) return
      const running = await database.query(sql.runningBeside, [ids])
      if (running.length > grouped)
        throw new InfrastructureError('already_exists', 'Another job of the same group runs.')
    },
    setAside: ids => database.execute(sql.setAside, [ids]),

    deleteDone: (session, ids) => database.execute(sql.deleteDone, [ids, session]),
    retry: (session, rows) => database.execute(sql.retry, [rows, time(), session]),
    bury: (session, rows) => database.execute(sql.bury, [time(), rows, session]),
    keep: (session, rows) => database.execute(sql.keep, [time(), rows, session]),
    giveBack: (session, ids) => database.execute(sql.giveBack, [ids, session]),
    free: (session, ids) => database.execute(sql.free, [ids, session]),
    async openGroups(groups) {
      const rows = await database.query<{ id: number | null }>(sql.firstBlocked, [JSON.stringify(groups)])
      const ids = rows.flatMap(({ id }) => id ?? [])
      if (ids.length > 0) await database.execute(sql.open, [`[${ids.join()}]`])
    },

    openSession(leaseMs, { host, pid, started }) {
      return database.run(async () => {
        const [, rows] = await Promise.all([
          database.execute(sql.openSession, [time(), leaseMs, host, pid, started]),
          database.query<{ first: number }>(sql.insertedIds),
        ])
        return rows[0]!.first
      })
    },
  }
}
