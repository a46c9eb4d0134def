import type { Clock } from '../../../ports/time.ts'
import type { NewJob } from '../../driver.ts'
import { jobId, queueOf } from './names.ts'
import type { News } from './news.ts'
import type { Queues } from './queues.ts'
import { jobJson } from './stored-job.ts'

/** Stores jobs in one transaction of Redis; an id each, `undefined` where a unique one was there already. */
export async function insert(
  queues: Queues,
  news: News,
  clock: Clock,
  jobs: readonly NewJob[],
): Promise<(string | undefined)[]> {
  if (jobs.length === 0) return []
  const ids = await newIds(queues, jobs)
  const now = clock.now()
  const entries = jobs.map((job, i) => ({
    jobData: jobJson(ids[i]!, job, now),
    ...{ jobId: ids[i]!, parentKeyOpts: {}, prefix: queues.prefix, queueName: queueOf(job.queue) },
  }))
  const answers = await queues.of(jobs[0]!.queue).addFlow(entries)
  const stored = answers.map(([error, id], i) => {
    if (error) throw error
    // Of a job that has the unique key, it tells the id.
    return id === ids[i] ? ids[i] : undefined
  })
  news.tell()
  return stored
}

/** Ids for `jobs`, in their order; from now on their types are known. */
export async function newIds({ client, keys }: Queues, jobs: readonly NewJob[]): Promise<string[]> {
  const [last] = await Promise.all([
    client.incrby(keys.lastId, jobs.length),
    client.sadd(keys.types, ...new Set(jobs.map(({ queue }) => queue))),
  ])
  return jobs.map(({ queue }, i) => jobId(last - jobs.length + 1 + i, queue))
}
