import type { NewJob } from '../../driver.ts'
import type { JobEngine } from './engine.ts'
import { openGroups } from './settle.ts'
import { blocked, later, ready, running } from './states.ts'

interface TakenRow {
  readonly id: number
  readonly state: number
  readonly run_at: number
  readonly group_key: string | null
}

/** The value of `unique_waiting`: whether the claim lets go of the key. */
export function waitingOnly({ uniqueWhile }: NewJob): 0 | 1 {
  return uniqueWhile === 'waiting' ? 1 : 0
}

/** Stores a job whose key may be taken by one that it then changes; resolves with the id of either, `undefined` when that one runs. */
export async function insertOrChange(engine: JobEngine, job: NewJob): Promise<string | undefined> {
  const { database, words } = engine
  const { queue, unique = null } = job
  for (;;) {
    const [taken] = await database.query<TakenRow>(
      `select id, state, run_at, group_key from portolan_job where queue = ? and unique_key = ?${words.lock}`,
      [queue, unique],
    )
    if (taken?.state === running) return undefined
    if (taken) {
      await change(engine, job, taken)
      return String(taken.id)
    }
    const [id] = await engine.insert([job])
    if (id !== undefined) return id
    // Somebody was quicker; that one is seen now.
  }
}

async function change(engine: JobEngine, job: NewJob, taken: TakenRow): Promise<void> {
  const { database } = engine
  const now = await engine.now()
  const wanted = Math.ceil((job.runAt ?? now) + job.delayMs)
  const runAt = job.onTaken === 'extend' ? Math.max(wanted, taken.run_at) : wanted
  const group = job.onTaken === 'extend' ? taken.group_key : (job.group ?? null)
  const stays = taken.state === blocked && group === taken.group_key
  const state = runAt > now ? later : stays ? blocked : ready
  if (job.onTaken === 'extend') {
    await database.execute('update portolan_job set run_at = ?, state = ? where id = ?', [
      runAt,
      state,
      taken.id,
    ])
  } else {
    await database.execute(
      `update portolan_job set run_at = ?, state = ?, priority = ?, group_key = ?, version = ?, payload = ?, trace = ?,
         attempt = 0, crashes = 0, last_error = null
       where id = ?`,
      [runAt, state, job.priority, group, job.version, job.payload, job.trace ?? null, taken.id],
    )
  }
  // It may have been the one that its group waits for.
  await openGroups(engine, [{ queue: job.queue, group_key: taken.group_key }])
}
