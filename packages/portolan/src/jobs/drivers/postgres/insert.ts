import type { Database } from '../../../persistence/database.ts'
import type { NewJob } from '../../driver.ts'
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

/** The usual case of many: an array of payloads costs PostgreSQL half as much as an array of jobs. */
async function insertAlike(database: Database, jobs: readonly NewJob[], time: number | null): Promise<Ids> {
  const { payload: _, trace = null, ...row } = rowOf(jobs[0]!)
  const values = Object.values(row).map(value => value ?? null)
  // JSON text has no control characters, so as a string of JSON, it is an element of PostgreSQL's arrays, too.
  const payloads = `{${jobs.map(({ payload }) => JSON.stringify(payload)).join()}}`
  const rows = await database.query<{ id: number }>(sql.insertAlike, [...values, trace, payloads, time])
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
