import type { Database } from '../../../persistence/database.ts'
import type { Clock } from '../../../ports/time.ts'
import type { CandidateRow, JobEngine } from '../sql/engine.ts'
import { together } from '../sql/steps.ts'
import { simulatedTime } from '../sql/store-time.ts'
import { insert, insertClaimed } from './insert.ts'
import { oldSnapshot } from './old-snapshot.ts'
import { migrations } from './schema.ts'
import * as sql from './statements.ts'

/** PostgreSQL, any number of workers at once, by its own clock. Statements are sent without waiting for each other's answers. */
export function postgresEngine(database: Database, clock: Clock): JobEngine {
  const time = () => simulatedTime(clock)
  return {
    database,
    migrations,
    words: {
      now: sql.now,
      lock: ' for update',
      lockFree: ' for update skip locked',
      hold: ' for key share',
      ids: sql.ids,
      ignoringConflicts: 'on conflict do nothing',
    },
    oneMachine: false,
    time,
    async now() {
      const [row] = await database.query<{ now: number }>(`select ${sql.now} as now`, [time()])
      return row!.now
    },
    all: together,

    insert: jobs => insert(database, jobs, time()),
    insertClaimed: (session, jobs, claims) => insertClaimed(database, session, jobs, claims, time()),
    nextDue: queues => database.query(sql.nextDue, [time(), JSON.stringify(queues)]),

    begin: () => database.query(sql.indexesOnly),
    candidates(queue, limit) {
      const arm = [queue, time(), limit]
      return database.query<CandidateRow>(sql.candidates, [...arm, ...arm, ...arm, limit])
    },
    anchor: ids => database.query(sql.anchor, [ids]),
    take: (session, ids) => database.execute(sql.take, [session, ids]),
    setAside: ids => database.execute(sql.setAside, [ids]),

    deleteDone: (session, ids) => database.execute(sql.deleteDone, [ids, session]),
    retry: (session, rows) => database.execute(sql.retry, [rows, time(), session]),
    bury: (session, rows) => database.execute(sql.bury, [rows, time(), session]),
    keep: (session, rows) => database.execute(sql.keep, [rows, time(), session]),
    giveBack: (session, ids) => database.execute(sql.giveBack, [ids, session]),
    free: (session, ids) => database.execute(sql.free, [ids, session]),
    openGroups: groups => database.execute(sql.openGroups, [JSON.stringify(groups)]),

    async openSession(leaseMs, { host, pid, started }) {
      const [row] = await database.query<{ id: number }>(sql.openSession, [
        time(),
        leaseMs,
        host,
        pid,
        started,
      ])
      return row!.id
    },
    burden: limitMs => oldSnapshot(database, limitMs),
  }
}
