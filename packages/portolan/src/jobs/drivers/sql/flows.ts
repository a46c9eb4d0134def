import { InfrastructureError } from '../../../ports/errors.ts'
import type { NewJob } from '../../driver.ts'
import type { JobEngine } from './engine.ts'
import { parked, running } from './states.ts'

/**
 * Stores a job that begins when others have ended. They must not have been begun: whoever claims them afterwards is told for whom they are,
 * and counts down when they end. The count is a row of its own, so that two that end at once take turns.
 */
export async function insertAfter(engine: JobEngine, job: NewJob): Promise<string | undefined> {
  const { database, words } = engine
  const [id] = await engine.insert([job])
  if (id === undefined) return undefined
  const parent = Number(id)
  const children = [...new Set(job.after)]
  const linked = await database.execute(
    `update portolan_job set parent = ? where parent is null and state <> ${running} and id ${words.ids}`,
    [parent, JSON.stringify(children)],
  )
  if (linked !== children.length) {
    throw new InfrastructureError(
      'conflict',
      `Job '${job.queue}': of the ${children.length} jobs that it comes after, ${children.length - linked} cannot be waited for: they have ` +
        'begun, or another job waits for them. Enqueue them and the one that waits for them in one unit of work.',
    )
  }
  await database.execute(`update portolan_job set state = ${parked} where id = ?`, [parent])
  await database.execute('insert into portolan_job_flow (parent_id, waiting) values (?, ?)', [parent, linked])
  return id
}

/** One child of each of these has ended, a number for each child. Those that wait for no more are free to begin. */
export async function release(engine: JobEngine, parents: readonly number[]): Promise<void> {
  if (parents.length === 0) return
  const { database, words } = engine
  const ended = new Map<number, number>()
  for (const parent of parents) ended.set(parent, (ended.get(parent) ?? 0) + 1)
  // In one order for all, so that none wait for each other in a circle.
  const known = [...ended].sort(([a], [b]) => a - b)
  for (const [parent, count] of known) {
    const sql = 'update portolan_job_flow set waiting = waiting - ? where parent_id = ?'
    await database.execute(sql, [count, parent])
  }
  const rows = await database.query<{ parent_id: number }>(
    `select parent_id from portolan_job_flow where waiting <= 0 and parent_id ${words.ids}`,
    [JSON.stringify(known.map(([parent]) => parent))],
  )
  if (rows.length === 0) return
  const free = JSON.stringify(rows.map(({ parent_id: parent }) => parent))
  // `later`, whether its time has come or not.
  await database.execute(`update portolan_job set state = 1 where state = ${parked} and id ${words.ids}`, [
    free,
  ])
  await database.execute(`delete from portolan_job_flow where parent_id ${words.ids}`, [free])
}

/** The parents of those of the jobs that `session` holds. */
export async function parentsOf(
  { database, words }: JobEngine,
  session: number,
  ids: string,
): Promise<readonly number[]> {
  const rows = await database.query<{ parent: number }>(
    `select parent from portolan_job where parent is not null and owner = ? and id ${words.ids}`,
    [session, ids],
  )
  return rows.map(({ parent }) => parent)
}
