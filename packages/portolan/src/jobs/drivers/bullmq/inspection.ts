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
import { sweep } from './sweep.ts'

export function inspection(queues: Queues, news: News, clock: Clock): InspectionStore {
  const found = async (id: string) => {
    const type = typeOf(id)
    const job = type === undefined ? undefined : await readJob(queues, queues.of(type), id)
    return job && recordOf(id, type!, job, clock.now())
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

    sweep: () => sweep(queues, clock),

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
