import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { Cancellation } from '../../inspection.ts'
import type { JobEngine } from './engine.ts'
import { release } from './flows.ts'
import { openGroups } from './settle.ts'
import { parked, running } from './states.ts'

interface WaitingRow {
  readonly queue: string
  readonly group_key: string | null
  readonly parent: number | null
}

/**
 * Deletes a job that waits. For one that runs, it leaves a note that every worker reads: whoever has the job in hand stops it, and the
 * others come back here with it, so that the note outlives neither the job nor a worker that is lost.
 */
export async function cancel(engine: JobEngine, id: number): Promise<Cancellation> {
  const { database } = engine
  // Not locked first: the transaction of a handler that completes it may be long.
  const [job] = await database.query<{ state: number }>('select state from portolan_job where id = ?', [id])
  if (job && job.state !== running) {
    const waiting = await database.query<WaitingRow>(
      `select queue, group_key, parent from portolan_job where id = ? and state <> 3${database.grammar.forUpdate}`,
      [id],
    )
    if (waiting.length > 0) {
      await database.execute('delete from portolan_job where id = ?', [id])
      // It may have been the one that its group waits for.
      await openGroups(engine, waiting)
      await release(
        engine,
        waiting.flatMap(({ parent }) => parent ?? []),
      )
      if (job.state === parked)
        await database.execute('delete from portolan_job_flow where parent_id = ?', [id])
      await forget(engine, id)
      return 'cancelled'
    }
  }
  if (job) await insertIfAbsent(database, 'portolan_job_cancelled', { job_id: id })
  else await forget(engine, id)
  return job ? 'stopping' : 'gone'
}

async function forget({ database }: JobEngine, id: number): Promise<void> {
  await database.execute('delete from portolan_job_cancelled where job_id = ?', [id])
}
