import type { MinimalJob } from 'bullmq'
import type { Clock } from '../../../ports/time.ts'
import type { ClaimedJob, DeadJob, KeptJob, RetriedJob, Settled } from '../../driver.ts'
import type { Held } from './held.ts'
import type { Queues } from './queues.ts'
import { retryingKey } from './retrying.ts'
import { type Ended, unlessRefused } from './stored-job.ts'

/** Records what became of jobs that `session` holds; resolves with the number of those that it holds no longer. */
export async function settle(
  queues: Queues,
  held: Held,
  clock: Clock,
  session: string,
  { done, kept, retries, dead, returned }: Settled,
): Promise<number> {
  async function refused(job: ClaimedJob, record: () => Promise<unknown>): Promise<number> {
    // From here on it is no loss when the lock is gone.
    held.delete(session, job.id)
    try {
      return (await unlessRefused(record)) ? 0 : 1
    } catch (error) {
      held.add(session, job.id, job.queue)
      throw error
    }
  }

  const answers = await Promise.allSettled([
    ...done.map(job => refused(job, () => complete(queues, session, job))),
    ...kept.map(ended => refused(ended.job, () => keep(queues, session, ended))),
    ...retries.map(retried => refused(retried.job, () => retry(queues, clock, session, retried))),
    ...dead.map(letter => refused(letter.job, () => bury(queues, session, letter))),
    ...returned.map(job => refused(job, () => giveBack(queues, session, job))),
  ])
  let number = 0
  for (const answer of answers) {
    if (answer.status === 'rejected') throw answer.reason
    number += answer.value
  }
  return number
}

/** Ends a job of which nothing is kept. */
export function complete(queues: Queues, session: string, job: ClaimedJob): Promise<unknown> {
  return queues.of(job.queue).moveToCompleted(named(job), null, true, session, false)
}

function keep(queues: Queues, session: string, { job, outcome, keepMs, result }: KeptJob): Promise<unknown> {
  const ended: Ended = { outcome, keepMs, ...(result !== null && { result: JSON.parse(result) as unknown }) }
  // BullMQ throws out those that are older whenever another one of the type has ended.
  const age = Math.ceil(keepMs / 1_000)
  return queues.of(job.queue).moveToCompleted(named(job), ended, { age }, session, false)
}

async function retry(
  queues: Queues,
  clock: Clock,
  session: string,
  { job, delayMs, reason }: RetriedJob,
): Promise<void> {
  const queue = queues.of(job.queue)
  const now = clock.now()
  const dueAt = now + Math.ceil(delayMs)
  const fieldsToUpdate = { failedReason: reason, dueAt: String(dueAt) }
  await queue.moveToDelayed(job.id, now, Math.ceil(delayMs), session, { fieldsToUpdate })
  await queues.client.zadd(retryingKey(queue), dueAt, job.id)
}

function bury(
  queues: Queues,
  session: string,
  { job, attempts, reason, stack, keepMs }: DeadJob,
): Promise<unknown> {
  // BullMQ counts this one itself. Those in which its worker was lost are counted with the others, so that a replay begins anew.
  const told = { stacktrace: JSON.stringify([stack]), atm: attempts - 1, stc: 0 }
  const fields = { ...told, ...(keepMs !== null && { keepMs: String(Math.ceil(keepMs)) }) }
  return queues.of(job.queue).moveToFailed(named(job), reason, false, session, false, fields)
}

export function giveBack(queues: Queues, session: string, job: Pick<ClaimedJob, 'id' | 'queue'>) {
  return queues.of(job.queue).moveJobFromActiveToWait(job.id, session)
}

/** All that BullMQ reads of the job that it ends. */
function named({ id }: ClaimedJob): MinimalJob {
  return { id, opts: { attempts: 0 } } as MinimalJob
}
