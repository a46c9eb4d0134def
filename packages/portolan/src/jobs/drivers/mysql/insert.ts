import type { Database } from '../../../persistence/database.ts'
import type { SqlValue } from '../../../persistence/sql-value.ts'
import type { NewJob } from '../../driver.ts'
import { later, ready } from '../sql/states.ts'
import { waitingOnly } from '../sql/unique.ts'
import { columns, insertedIds } from './statements.ts'

type Ids = (string | undefined)[]

/**
 * Stores jobs in their order. MySQL cannot return the rows of an insert, but it gives those of one statement ids in a row; jobs with a
 * unique key, which may not be stored, go one by one.
 */
export async function insert(database: Database, jobs: readonly NewJob[], now: number): Promise<Ids> {
  const taken = await takenKeys(database, jobs)
  const ids: Ids = []
  for (let from = 0; from < jobs.length; ) {
    const unique = jobs[from]!.unique
    if (unique !== undefined) {
      const key = keyOf(jobs[from]!)
      // Those that are there are not inserted at all: the attempt would lock them, and their workers would wait for this transaction.
      ids.push(taken.has(key) ? undefined : await insertUnique(database, rowOf(jobs[from]!, now)))
      taken.add(key)
      from++
    } else {
      let to = from + 1
      while (to < jobs.length && jobs[to]!.unique === undefined) to++
      ids.push(
        ...(await insertPlain(
          database,
          jobs.slice(from, to).map(job => rowOf(job, now)),
        )),
      )
      from = to
    }
  }
  return ids
}

async function takenKeys(database: Database, jobs: readonly NewJob[]): Promise<Set<string>> {
  const keys = new Map<string, string[]>()
  for (const { queue, unique } of jobs) {
    if (unique === undefined) continue
    const known = keys.get(queue)
    if (known) known.push(unique)
    else keys.set(queue, [unique])
  }
  const taken = new Set<string>()
  for (const [queue, list] of keys) {
    for (const { sql, parameters } of await database.grammar.lists('portolan_job', 'unique_key', list)) {
      const rows = await database.query<{ unique_key: string }>(
        `select unique_key from portolan_job where queue = ? and unique_key in ${sql}`,
        [queue, ...parameters],
      )
      for (const { unique_key: unique } of rows) taken.add(keyOf({ queue, unique }))
    }
  }
  return taken
}

async function insertUnique(database: Database, row: readonly SqlValue[]): Promise<string | undefined> {
  const sql = database.grammar.insertIfAbsent('portolan_job', columns)
  const [stored, first] = await Promise.all([database.execute(sql, row), insertedAt(database)])
  return stored === 0 ? undefined : String(first.first)
}

async function insertPlain(
  database: Database,
  rows: readonly (readonly SqlValue[])[],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const { sql, parameters } of await database.grammar.inserts('portolan_job', columns, rows)) {
    const [, { first, step }] = await Promise.all([database.execute(sql, parameters), insertedAt(database)])
    for (let i = 0; i < parameters.length / columns.length; i++) ids.push(String(first + i * step))
  }
  return ids
}

/** Sent together with the insert, so that nothing else in this session comes between them. */
async function insertedAt(database: Database): Promise<{ readonly first: number; readonly step: number }> {
  const [row] = await database.query<{ first: number; step: number }>(insertedIds)
  return row!
}

/** The values of `columns`. */
function rowOf(job: NewJob, now: number): readonly SqlValue[] {
  const { queue, priority, delayMs, group = null, unique = null, version, payload, trace = null } = job
  const runAt = Math.ceil((job.runAt ?? now) + delayMs)
  const state = runAt > now ? later : ready
  return [queue, priority, runAt, state, now, group, unique, waitingOnly(job), version, payload, trace]
}

function keyOf({ queue, unique }: Pick<NewJob, 'queue' | 'unique'>): string {
  return JSON.stringify([queue, unique])
}
