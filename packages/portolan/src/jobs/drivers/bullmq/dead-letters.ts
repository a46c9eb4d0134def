import type { DeadLetters } from '../../../ports/dead-letters.ts'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock } from '../../../ports/time.ts'
import { byNumber, typeOf } from './names.ts'
import type { News } from './news.ts'
import type { Queue, Queues } from './queues.ts'
import { deadLetterOf } from './records.ts'
import { readJob, readJobs, unlessRefused } from './stored-job.ts'

/** What became of one that was to be replayed. */
type Replay = 'replayed' | 'gone' | 'key taken'

/** The jobs that BullMQ has as failed: nothing else puts one there. */
export function deadLetters(queues: Queues, news: News, clock: Clock): DeadLetters {
  async function replayed(queue: Queue, id: string): Promise<Replay> {
    const job = await readJob(queues, queue, id)
    if (job?.place !== 'failed') return 'gone'
    const { unique } = job
    // BullMQ does not do this by itself: a job that has come back holds its key again.
    const key = unique === undefined ? undefined : `${queue.keys.de}:${unique}`
    if (
      key !== undefined &&
      (await queues.client.set(key, id, 'NX')) === null &&
      (await queues.client.get(key)) !== id
    )
      return 'key taken'
    await queues.client.hset(queue.toKey(id), 'dueAt', clock.now())
    const named = { id, opts: {} } as Parameters<Queue['retryFinishedJob']>[0]
    const anew = { resetAttemptsMade: true, resetAttemptsStarted: true }
    return (await unlessRefused(() => queue.retryFinishedJob(named, 'failed', anew))) ? 'replayed' : 'gone'
  }

  /** The queue of a dead letter. */
  async function letter(id: string): Promise<Queue> {
    const type = typeOf(id)
    const queue = type === undefined ? undefined : queues.of(type)
    if (!queue || (await queues.client.zscore(queue.keys.failed!, id)) === null) throw notFound(id)
    return queue
  }

  return {
    async list({ type: only, limit = 100 } = {}) {
      const types = only === undefined ? await queues.types() : [only]
      const letters = await Promise.all(
        types.map(async type => {
          const queue = queues.of(type)
          const ids = await queues.client.zrevrange(queue.keys.failed!, 0, limit - 1)
          const jobs = await readJobs(queues, queue, ids)
          return jobs.flatMap((job, i) => (job && deadLetterOf(ids[i]!, type, job)) ?? [])
        }),
      )
      const newestFirst = letters
        .flat()
        .sort((a, b) => b.diedAt.getTime() - a.diedAt.getTime() || byNumber(b.id, a.id))
      return newestFirst.slice(0, limit)
    },

    async count() {
      const types = await queues.types()
      const counts = await Promise.all(types.map(type => queues.client.zcard(queues.of(type).keys.failed!)))
      return counts.reduce((sum, count) => sum + count, 0)
    },

    async replay(id) {
      const queue = await letter(id)
      const what = await replayed(queue, id)
      if (what === 'gone') throw notFound(id)
      if (what === 'key taken')
        throw new InfrastructureError(
          'conflict',
          `Another job with the unique key of dead letter ${id} waits or runs. Wait until it has ended, or discard this one.`,
        )
      news.tell()
    },

    async replayAll({ type: only } = {}) {
      let number = 0
      for (const type of only === undefined ? await queues.types() : [only]) {
        const queue = queues.of(type)
        for (const id of await queues.client.zrange(queue.keys.failed!, 0, '-1'))
          if ((await replayed(queue, id)) === 'replayed') number++
      }
      if (number > 0) news.tell()
      return number
    },

    async discard(id) {
      const queue = await letter(id)
      await queue.remove(id, false)
    },
  }
}

function notFound(id: string): InfrastructureError {
  return new InfrastructureError(
    'not_found',
    `There is no dead letter ${JSON.stringify(id)}. It may have been replayed or discarded.`,
  )
}
