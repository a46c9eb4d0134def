import type { ChainableCommander } from 'ioredis'
import type { InspectionStore } from '../../driver.ts'
import type { JobListing } from '../../inspection.ts'
import { answersOf } from './answers.ts'
import { byNumber } from './names.ts'
import type { Queue, Queues } from './queues.ts'
import { listingOf } from './records.ts'
import { retryingKey } from './retrying.ts'
import { readJobs, scoreAfter } from './stored-job.ts'

type Filter = Parameters<InspectionStore['list']>[0]

/** Jobs that have not ended, the oldest of those of each type and place that come next; those that wait for a retry by when they are due. */
export async function list(queues: Queues, filter: Filter, now: number): Promise<JobListing[]> {
  const types = filter.type === undefined ? await queues.types() : [filter.type]
  const listed = (await Promise.all(types.map(type => listOf(queues, type, filter, now)))).flat()
  listed.sort(
    filter.state === 'retrying'
      ? (a, b) => a.runAt.getTime() - b.runAt.getTime() || byNumber(a.id, b.id)
      : (a, b) => byNumber(a.id, b.id),
  )
  return listed.slice(0, filter.limit)
}

async function listOf(queues: Queues, type: string, filter: Filter, now: number): Promise<JobListing[]> {
  const { state, limit } = filter
  const queue = queues.of(type)
  const places = placesOf(queue, state, now)
  const listed: JobListing[] = []
  for (let from = 0; places.length > 0; from += limit) {
    // All places at one moment: none is missed that goes from one to another.
    const read = places.reduce((multi, place) => place(multi, from, limit), queues.client.multi())
    const pages = answersOf(await read.exec()) as string[][]
    const ids = pages.flat()
    const jobs = await readJobs(queues, queue, ids)
    for (const [i, job] of jobs.entries()) {
      const listing = job && listingOf(ids[i]!, type, job, now)
      if (listing && (state === undefined || listing.state === state)) listed.push(listing)
    }
    if (listed.length >= limit || pages.every(page => page.length < limit)) break
  }
  return listed
}

/** Reads `limit` ids of one place, from the `from`th on. */
type Place = (multi: ChainableCommander, from: number, limit: number) => ChainableCommander

/** Where jobs of `state` are. Of lists, BullMQ takes the last one first. */
function placesOf(queue: Queue, state: Filter['state'], now: number): readonly Place[] {
  const { wait, prioritized, delayed, active } = queue.keys
  const waiting: Place = (multi, from, limit) => multi.lrange(wait!, -from - limit, -from - 1)
  const running: Place = (multi, from, limit) => multi.lrange(active!, -from - limit, -from - 1)
  const ranked: Place = (multi, from, limit) => multi.zrange(prioritized!, from, `${from + limit - 1}`)
  const later: Place = (multi, from, limit) => multi.zrange(delayed!, from, `${from + limit - 1}`)
  const due: Place = (multi, from, limit) =>
    multi.zrangebyscore(delayed!, '-inf', `(${scoreAfter(now)}`, 'LIMIT', from, limit)
  const retrying: Place = (multi, from, limit) =>
    multi.zrangebyscore(retryingKey(queue), `(${now}`, '+inf', 'LIMIT', from, limit)
  switch (state) {
    case 'waiting':
      return [waiting, ranked, due]
    case 'running':
      return [running]
    case 'scheduled':
      return [later]
    case 'retrying':
      return [retrying]
    case 'parked':
      return []
    case undefined:
      return [waiting, ranked, later, running]
  }
}
