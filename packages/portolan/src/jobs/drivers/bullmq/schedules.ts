import type { Redis } from 'ioredis'
import type { Clock } from '../../../ports/time.ts'
import { redisKey } from '../../../redis/index.ts'
import type { NewJob, ScheduleStore } from '../../driver.ts'
import type { ScheduleFacts } from '../../inspection.ts'
import { answersOf } from './answers.ts'
import { newIds } from './insert.ts'
import type { News } from './news.ts'
import type { Queue, Queues } from './queues.ts'
import { jobJson } from './stored-job.ts'

/** Schedules that can be closed. */
export interface Schedules extends ScheduleStore {
  close(): void
}

/**
 * A hash a schedule. BullMQ has schedulers of its own, which know neither the missed runs nor the time zones of this library; so that each run is
 * enqueued once, the last one moves on in the transaction that adds the job.
 */
export function schedules(queues: Queues, news: News, clock: Clock): Schedules {
  const keyOf = (name: string) => `${queues.keys.schedule}${redisKey(name)}`
  let apart: Promise<Apart> | undefined

  /** What is watched is watched by a connection, so this one is never made anew by itself: everything after its loss fails. */
  async function connected(): Promise<Apart> {
    const client = queues.client.duplicate({ retryStrategy: () => null, lazyConnect: true })
    client.on('error', () => {})
    client.on('end', () => {
      apart = undefined
    })
    await client.connect()
    const queue = queues.over(client)
    await queue.waitUntilReady()
    return { client, queue }
  }

  async function transacted(name: string, runAt: number, job: NewJob | undefined): Promise<boolean> {
    const key = keyOf(name)
    apart ??= connected()
    const { client, queue } = await apart.catch(error => {
      apart = undefined
      throw error
    })
    // Somebody who moves it at the same time makes the transaction come to nothing; then it is looked at anew.
    for (;;) {
      await client.watch(key)
      if (Number((await client.hget(key, 'lastRunAt')) ?? 0) >= runAt) {
        await client.unwatch()
        return false
      }
      const transaction = (await queue.client).multi()
      transaction.hset(key, { lastRunAt: runAt })
      if (job) {
        const [id] = await newIds(queues, [job])
        const { keys } = queues.of(job.queue)
        await queue.addJobToTransaction(transaction, jobJson(id!, job, clock.now()), id!, {}, keys)
      }
      const answers = await transaction.exec()
      if (!answers) continue
      answersOf(answers)
      return true
    }
  }

  return {
    async declare({ name, cron, timeZone, missed, type }, now) {
      await queues.client
        .multi()
        .sadd(queues.keys.schedules, name)
        .hset(keyOf(name), { facts: JSON.stringify({ name, cron, timeZone, missed, type }) })
        .hsetnx(keyOf(name), 'lastRunAt', now)
        .exec()
    },

    async lastRun(name) {
      const last = await queues.client.hget(keyOf(name), 'lastRunAt')
      return last === null ? undefined : Number(last)
    },

    async advance(name, runAt, job) {
      const moved = await transacted(name, runAt, job)
      if (moved && job) news.tell()
      return moved
    },

    async remove(name) {
      const answers = await queues.client.multi().del(keyOf(name)).srem(queues.keys.schedules, name).exec()
      return answersOf(answers)[1] === 1
    },

    async list() {
      const names = (await queues.client.smembers(queues.keys.schedules)).toSorted()
      return Promise.all(
        names.map(async name => {
          const [facts, lastRunAt] = await queues.client.hmget(keyOf(name), 'facts', 'lastRunAt')
          return { ...(JSON.parse(facts!) as ScheduleFacts), lastRunAt: Number(lastRunAt) }
        }),
      )
    },

    close() {
      apart?.then(
        ({ client }) => client.disconnect(),
        () => {},
      )
    },
  }
}

interface Apart {
  readonly client: Redis
  readonly queue: Queue
}
