import type { Clock } from '../../../ports/time.ts'
import type { InspectionStore } from '../../driver.ts'
import { cancel } from './cancel.ts'
import { list } from './list.ts'
import { typeOf } from './names.ts'
import type { News } from './news.ts'
import type { Queues } from './queues.ts'
import { recordOf } from './records.ts'
import { retryingKey } from './retrying.ts'
import { status } from './status.ts'
import { readJob, unlessRefused } from './stored-job.ts'

/** Ended jobs that are looked at together. */
const page = 100

export function inspection(queues: Queues, news: News, clock: Clock): InspectionStore {
  const found = async (id: string) => {
    const type = typeOf(id)
    const job = type === undefined ? undefined : await readJob(queues, queues.of(type), id)
    return job && recordOf(id, type!, job, clock.now())
  }

  /** Whether the oldest of a type that have ended were all deleted, so that there may be more. */
  async function sweepPage(type: string): Promise<boolean> {
    const queue = queues.of(type)
    const ids = await queues.client.zrange(queue.keys.completed!, 0, `${page - 1}`)
    const records = await Promise.all(ids.map(found))
    const old = ids.filter((_, i) => records[i] === undefined)
    await Promise.all(old.map(id => unlessRefused(() => queue.remove(id, false))))
    return ids.length === page && old.length === page
  }

  return {
    status: () => status(queues, clock.now()),
    list: filter => list(queues, filter, clock.now()),
    cancel: id => cancel(queues, id),
    find: found,

    async report(id, progress) {
      const value = JSON.parse(progress) as unknown
      await unlessRefused(() => queues.of(typeOf(id)!).updateProgress(id, { value }))
    },

    async sweep() {
      for (const type of await queues.types()) while (await sweepPage(type));
    },

    async hasten(id) {
      const type = typeOf(id)
      const state = (await found(id))?.state
      if (type === undefined || (state !== 'retrying' && state !== 'scheduled')) return false
      const queue = queues.of(type)
      await queues.client.hset(queue.toKey(id), 'dueAt', clock.now())
      const hastened = await unlessRefused(() => queue.promote(id))
      await queues.client.zrem(retryingKey(queue), id)
      if (hastened) news.tell()
      return hastened
    },

    async pause(type) {
      await queues.client.sadd(queues.keys.types, type)
      await queues.of(type).pause(true)
    },

    async resume(type) {
      await queues.of(type).pause(false)
      news.tell()
    },
  }
}
