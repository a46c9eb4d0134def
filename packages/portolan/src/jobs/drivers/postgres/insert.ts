import type { Database } from '../../../persistence/database.ts'
import type { InsertedClaimed, NewJob } from '../../driver.ts'
import { type InsertedRow, idsInOrder } from '../sql/inserted.ts'
import { waitingOnly } from '../sql/unique.ts'
import * as sql from './statements.ts'

type Ids = (string | undefined)[]

/** Stores jobs in their order, by the server's clock or at the `time` that is given. */
export async function insert(database: Database, jobs: readonly NewJob[], time: number | null): Promise<Ids> {
  if (jobs.length === 1) {
    const values = Object.values(rowOf(jobs[0]!)).map(value => value ?? null)
    const statement = jobs[0]!.unique === undefined ? sql.insertOne : sql.insertUnique
    const [row] = await database.query<{ id: number }>(statement, [...values, time])
    return [row && String(row.id)]
  }
  if (areAlike(jobs)) return insertAlike(database, jobs, time)
  const given = JSON.stringify(jobs.map(rowOf))
  return idsInOrder(jobs, await database.query<InsertedRow>(sql.insertMany, [given, time]))
}

/** As `JobStore.insertClaimed`. */
export async function insertClaimed(
  database: Database,
  session: number,
  jobs: readonly NewJob[],
  claims: number,
  time: number | null,
): Promise<InsertedClaimed> {
  const { queue, priority, version } = jobs[0]!
  const traces = jobs.map(({ trace }) => (trace === undefined ? 'null' : JSON.stringify(trace)))
  const given = [payloadsOf(jobs), `{${traces.join()}}`, time]
  const values = [session, claims, queue, priority, version, ...given]
  const rows = await database.query<{ id: number; owner: number | null }>(sql.insertClaimed, values)
  const claimed = rows.filter(({ owner }) => owner !== null).length
  return { ids: inOrder(rows), claimed }
}

/** The usual case of many: an array of payloads costs PostgreSQL half as much as an array of jobs. */
async function insertAlike(database: Database, jobs: readonly NewJob[], time: number | null): Promise<Ids> {
  const { payload: _, trace = null, ...row } = rowOf(jobs[0]!)
  const values = Object.values(row).map(value => value ?? null)
  return inOrder(
    await database.query<{ id: number }>(sql.insertAlike, [...values, trace, payloadsOf(jobs), time]),
  )
}

/** JSON text has no control characters, so as a string of JSON, it is an element of PostgreSQL's arrays, too. */
function payloadsOf(jobs: readonly NewJob[]): string {
  return `{${jobs.map(({ payload }) => JSON.stringify(payload)).join()}}`
}

function inOrder(rows: readonly { readonly id: number }[]): string[] {
  const ids = rows.map(({ id }) => id)
  return ids.sort((a, b) => a - b).map(String)
}

/** Whether they differ in their payloads alone, and none of them can be there already. */
function areAlike(jobs: readonly NewJob[]): boolean {
  const { queue, priority, runAt, delayMs, group, version, trace } = jobs[0]!
  return jobs.every(
    job =>
      job.unique === undefined &&
      job.queue === queue &&
      job.priority === priority &&
      job.runAt === runAt &&
      job.delayMs === delayMs &&
      job.group === group &&
      job.version === version &&
      job.trace === trace,
  )
}

/** As `insertMany` takes it; what is undefined is left out of the JSON, and null in the table. */
function rowOf(job: NewJob) {
  const { queue, priority, runAt, delayMs, group, unique, version, payload, trace } = job
  return {
    queue,
    priority,
    run_at: runAt === undefined ? undefined : Math.ceil(runAt),
    delay: Math.ceil(delayMs),
    group_key: group,
    unique_key: unique,
    unique_waiting: waitingOnly(job),
    version,
    payload,
    trace,
  }
}
