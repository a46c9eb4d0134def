import type { Clock } from '../../../ports/time.ts'
import type { Queue, Queues } from './queues.ts'
import { readJobs, type StoredJob, unlessRefused } from './stored-job.ts'

/** Ended jobs that are looked at together. */
const page = 100

/** Deletes jobs that have ended and were kept long enough, done and dead ones. */
export async function sweep(queues: Queues, clock: Clock): Promise<void> {
  for (const type of await queues.types()) {
    const queue = queues.of(type)
    // Nearly all of a type are kept for the same time, so behind a page of those that stay, there is nothing to delete.
    for (const key of [queue.keys.completed!, queue.keys.failed!])
      while (await sweepPage(queues, queue, key, clock.now()));
  }
}

/** Whether the oldest ones were all deleted, so that there may be more. */
async function sweepPage(queues: Queues, queue: Queue, key: string, now: number): Promise<boolean> {
  const ids = await queues.client.zrange(key, 0, `${page - 1}`)
  const jobs = await readJobs(queues, queue, ids)
  const old = ids.filter((_, i) => {
    const keepUntil = keptUntil(jobs[i])
    return keepUntil !== undefined && keepUntil <= now
  })
  await Promise.all(old.map(id => unlessRefused(() => queue.remove(id, false))))
  return ids.length === page && old.length === page
}

/** `undefined`: for as long as nobody decides. */
function keptUntil(job: StoredJob | undefined): number | undefined {
  const keepMs = job?.place === 'failed' ? job.keepDeadMs : job?.ended?.keepMs
  return keepMs === undefined ? undefined : (job?.endedAt ?? 0) + keepMs
}
