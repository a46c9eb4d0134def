import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { SqlValue } from '../../../persistence/sql-value.ts'
import type { InspectionStore } from '../../driver.ts'
import type { JobListing, JobState } from '../../inspection.ts'
import { groupOf } from '../../limits.ts'
import { cancel } from './cancel.ts'
import { Counters } from './counters.ts'
import type { JobEngine } from './engine.ts'
import { forgetKeys } from './held-keys.ts'
import { storedRecords } from './records.ts'
import { rowId } from './row-id.ts'
import { later, parked, running } from './states.ts'

interface QueueCount {
  readonly queue: string
  readonly jobs: number
}

interface JobRow {
  readonly id: number
  readonly queue: string
  readonly run_at: number
  readonly state: number
  readonly attempt: number
  readonly created_at: number
  readonly group_key: string | null
  readonly unique_key: string | null
  readonly payload: string
  readonly last_error: string | null
}

const listed = 'id, queue, run_at, state, attempt, created_at, group_key, unique_key, payload, last_error'

export function storedInspection(engine: JobEngine): InspectionStore {
  const { database } = engine
  return {
    status() {
      // One moment for all counts, where the engine can tell one.
      return database.run(() => countJobs(engine), { readOnly: true })
    },

    async list({ type, state, limit }) {
      const now = await engine.now()
      const conditions = ['1 = 1']
      const parameters: SqlValue[] = []
      if (type !== undefined) {
        conditions.push('queue = ?')
        parameters.push(type)
      }
      if (state !== undefined) {
        const { sql, times } = conditionOf[state]
        conditions.push(sql)
        for (let i = 0; i < times; i++) parameters.push(now)
      }
      const rows = await database.query<JobRow>(
        `select ${listed} from portolan_job
         where ${conditions.join(' and ')} order by ${state === 'retrying' ? 'run_at, id' : 'id'} limit ?`,
        [...parameters, limit],
      )
      return rows.map(row => listingOf(row, now))
    },

    ...storedRecords(engine, async id => {
      const [row] = await database.query<JobRow>(`select ${listed} from portolan_job where id = ?`, [id])
      return row && listingOf(row, await engine.now())
    }),

    async hasten(id) {
      const now = await engine.now()
      const sql = 'update portolan_job set state = 0, run_at = ? where id = ? and state = 1'
      return (await database.execute(sql, [now, rowId(id)])) === 1
    },

    forgetKeys: () => forgetKeys(engine),
    ...(engine.burden && { burden: engine.burden }),
    cancel: id => database.run(() => cancel(engine, rowId(id))),
    async pause(queue) {
      await insertIfAbsent(database, 'portolan_job_paused', { queue, paused_at: await engine.now() })
    },
    async resume(queue) {
      await database.execute('delete from portolan_job_paused where queue = ?', [queue])
    },
  }
}

async function countJobs(engine: JobEngine): ReturnType<InspectionStore['status']> {
  const { database } = engine
  const now = await engine.now()
  const counts = new Counters()
  // Each is answered by an index alone, or reads few rows: a page of the staff may ask often, and the queue may be long.
  const waiting = await database.query<{ queue: string; due: number; later: number; oldest: number }>(
    `select queue, count(case when run_at <= ? then 1 end) as due, count(case when run_at > ? then 1 end) as later,
       min(run_at) as oldest
     from portolan_job where state <= 1 group by queue`,
    [now, now],
  )
  for (const { queue, due, later, oldest } of waiting) {
    counts.add(queue, { waiting: due, scheduled: later }, due > 0 ? oldest : undefined)
  }
  const retrying = await database.query<QueueCount>(
    `select queue, count(*) as jobs from portolan_job where state = 1 and attempt > 0 and run_at > ? group by queue`,
    [now],
  )
  for (const { queue, jobs } of retrying) counts.add(queue, { retrying: jobs, scheduled: -jobs })
  const held = await database.query<QueueCount>(
    'select queue, count(*) as jobs from portolan_job where owner is not null group by queue',
  )
  for (const { queue, jobs } of held) counts.add(queue, { running: jobs })
  const behind = await database.query<QueueCount>(
    'select queue, count(*) as jobs from portolan_job where group_key is not null and state = 2 group by queue',
  )
  for (const { queue, jobs } of behind) counts.add(queue, { waiting: jobs })
  const waitingForOthers = await database.query<QueueCount>(
    `select queue, count(*) as jobs from portolan_job_flow join portolan_job on id = parent_id group by queue`,
  )
  for (const { queue, jobs } of waitingForOthers) counts.add(queue, { parked: jobs })
  const dead = await database.query<QueueCount>(
    'select queue, count(*) as jobs from portolan_job_dead group by queue',
  )
  for (const { queue, jobs } of dead) counts.add(queue, { dead: jobs })
  const paused = await database.query<{ queue: string }>('select queue from portolan_job_paused')
  for (const { queue } of paused) counts.pause(queue)
  return counts.status()
}

/** The same as `stateOf`, in SQL; `times` counts the placeholders for now. */
const conditionOf: Readonly<Record<JobState, { readonly sql: string; readonly times: number }>> = {
  waiting: { sql: '(state in (0, 2) or (state = 1 and run_at <= ?))', times: 1 },
  scheduled: { sql: 'state = 1 and attempt = 0 and run_at > ?', times: 1 },
  retrying: { sql: 'state = 1 and attempt > 0 and run_at > ?', times: 1 },
  running: { sql: 'state = 3', times: 0 },
  parked: { sql: 'state = 4', times: 0 },
}

function stateOf(state: number, due: boolean, retrying: boolean): JobState {
  if (state === running) return 'running'
  if (state === parked) return 'parked'
  if (state !== later || due) return 'waiting'
  return retrying ? 'retrying' : 'scheduled'
}

function listingOf(row: JobRow, now: number): JobListing {
  return {
    id: String(row.id),
    type: row.queue,
    state: stateOf(row.state, row.run_at <= now, row.attempt > 0),
    attempt: row.attempt,
    runAt: new Date(row.run_at),
    createdAt: new Date(row.created_at),
    group: row.group_key === null ? undefined : groupOf(row.group_key),
    unique: row.unique_key ?? undefined,
    payload: JSON.parse(row.payload) as unknown,
    lastError: row.last_error ?? undefined,
  }
}
