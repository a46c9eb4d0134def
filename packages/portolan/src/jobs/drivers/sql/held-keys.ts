import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { NewJob } from '../../driver.ts'
import type { JobEngine } from './engine.ts'

/** Stores a job whose key is then held for a time, also beyond its end; `undefined` while an earlier one holds it. */
export async function insertForTime(engine: JobEngine, job: NewJob): Promise<string | undefined> {
  const { database } = engine
  const { queue, unique: key = null } = job
  const now = await engine.now()
  const [held] = await database.query(
    'select queue from portolan_job_key where queue = ? and unique_key = ? and held_until > ?',
    [queue, key, now],
  )
  if (held) return undefined
  const [id] = await engine.insert([job])
  if (id === undefined || (await hold(engine, queue, key, now, job.uniqueForMs))) return id
  // Another one was stored, and has ended, since it was looked for.
  await database.execute('delete from portolan_job where id = ?', [Number(id)])
  return undefined
}

/** Whether nobody else holds the key. */
async function hold(
  { database }: JobEngine,
  queue: string,
  key: string | null,
  now: number,
  forMs: number,
): Promise<boolean> {
  const until = Math.ceil(now + forMs)
  const again = await database.execute(
    'update portolan_job_key set held_until = ? where queue = ? and unique_key = ? and held_until <= ?',
    [until, queue, key, now],
  )
  return (
    again === 1 || insertIfAbsent(database, 'portolan_job_key', { queue, unique_key: key, held_until: until })
  )
}

/** As `InspectionStore.forgetKeys`. */
export async function forgetKeys(engine: JobEngine): Promise<void> {
  const now = await engine.now()
  await engine.database.execute('delete from portolan_job_key where held_until <= ?', [now])
}
