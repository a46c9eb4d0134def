import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { InspectionStore } from '../../driver.ts'
import type { JobListing, JobRecord } from '../../inspection.ts'
import { groupOf } from '../../limits.ts'
import { sweepDead } from './dead-letters.ts'
import type { JobEngine } from './engine.ts'
import { sweepGroupRates } from './group-pace.ts'
import { rowId } from './row-id.ts'

interface EndedRow {
  readonly id: number
  readonly queue: string
  readonly outcome: 'done' | 'cancelled' | 'dead'
  readonly attempts: number
  readonly created_at: number
  readonly ended_at: number
  readonly group_key: string | null
  readonly unique_key: string | null
  readonly payload: string
  readonly progress: string | null
  readonly result: string | null
  readonly reason: string | null
  readonly stack: string | null
}

const common = 'id, queue, attempts, created_at, group_key, unique_key, payload'
const endedById = `
  select ${common}, outcome, ended_at, progress, result, null as reason, null as stack from portolan_job_ended where id = ? and keep_until > ?
  union all
  select ${common}, 'dead', died_at, null, null, reason, stack from portolan_job_dead where id = ?`

/** Single jobs, with what stands beside the hot table: their progress, and those that have ended and are kept. */
export function storedRecords(
  engine: JobEngine,
  waiting: (id: number) => Promise<JobListing | undefined>,
): Pick<InspectionStore, 'find' | 'report' | 'sweep'> {
  const { database } = engine
  return {
    async find(id) {
      // Beginning with where a job is first: it may move on meanwhile.
      const job = await waiting(rowId(id))
      if (job) {
        const [row] = await database.query<{ progress: string }>(
          'select progress from portolan_job_progress where job_id = ?',
          [rowId(id)],
        )
        return { ...job, progress: row && (JSON.parse(row.progress) as unknown), result: undefined }
      }
      const [ended] = await database.query<EndedRow>(endedById, [rowId(id), await engine.now(), rowId(id)])
      return ended && recordOf(ended)
    },

    async report(id, progress) {
      const job = rowId(id)
      const sql = 'update portolan_job_progress set progress = ? where job_id = ?'
      if ((await database.execute(sql, [progress, job])) === 0)
        await insertIfAbsent(database, 'portolan_job_progress', { job_id: job, progress })
    },

    async sweep() {
      const now = await engine.now()
      await database.execute('delete from portolan_job_ended where keep_until <= ?', [now])
      await sweepDead(engine, now)
      await sweepGroupRates(engine, now)
      // Of jobs whose last attempt was another one than that which told of it.
      await database.execute(
        'delete from portolan_job_progress where not exists (select id from portolan_job where id = portolan_job_progress.job_id)',
      )
    },
  }
}

function recordOf(row: EndedRow): JobRecord {
  return {
    id: String(row.id),
    type: row.queue,
    state: row.outcome,
    attempt: row.attempts,
    createdAt: new Date(row.created_at),
    endedAt: new Date(row.ended_at),
    group: row.group_key === null ? undefined : groupOf(row.group_key),
    unique: row.unique_key ?? undefined,
    payload: JSON.parse(row.payload) as unknown,
    lastError: row.reason ?? undefined,
    progress: row.progress === null ? undefined : (JSON.parse(row.progress) as unknown),
    result: row.result === null ? undefined : (JSON.parse(row.result) as unknown),
    ...(row.stack !== null && { stack: row.stack }),
  }
}
