import type { Database } from '../../../persistence/database.ts'
import type { NewJob } from '../../driver.ts'
import { type InsertedRow, idsInOrder } from '../sql/inserted.ts'
import { later, ready } from '../sql/states.ts'
import { waitingOnly } from '../sql/unique.ts'

const columns =
  'queue, priority, run_at, state, created_at, group_key, unique_key, unique_waiting, version, trace, payload'

const insertOne = `
  insert into portolan_job (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict do nothing
  returning id`

/** One statement for any number of jobs, in the order of the array. `where true` keeps the parser from taking ON for a join's. */
const insertMany = `
  insert into portolan_job (${columns})
  select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
    value->>9, value->10
  from json_each(?) where true
  on conflict do nothing
  returning id, queue, unique_key`

export async function insert(
  database: Database,
  jobs: readonly NewJob[],
  now: number,
): Promise<(string | undefined)[]> {
  if (jobs.length === 1) {
    // The usual case within a unit of work; half the cost of the general one.
    const { queue, priority, group = null, unique = null, version, trace = null, payload } = jobs[0]!
    const { runAt, state } = dueTime(jobs[0]!, now)
    const waiting = waitingOnly(jobs[0]!)
    const values = [queue, priority, runAt, state, now, group, unique, waiting, version, trace, payload]
    const [row] = await database.query<{ id: number }>(insertOne, values)
    return [row && String(row.id)]
  }
  const rows = await database.query<InsertedRow>(insertMany, [
    `[${jobs.map(job => rowText(job, now)).join()}]`,
  ])
  return idsInOrder(jobs, rows)
}

function dueTime(job: NewJob, now: number): { readonly runAt: number; readonly state: number } {
  const runAt = Math.ceil((job.runAt ?? now) + job.delayMs)
  return { runAt, state: runAt > now ? later : ready }
}

function rowText(job: NewJob, now: number): string {
  const { runAt, state } = dueTime(job, now)
  // The payload is JSON already; it goes in as it is, not as a string within the JSON.
  return `[${quoted(job.queue)},${job.priority},${runAt},${state},${now},${quoted(job.group)},${quoted(job.unique)},${waitingOnly(job)},${job.version},${quoted(job.trace)},${job.payload}]`
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'null' : JSON.stringify(text)
}
