import type { InspectionStore } from '../../driver.ts'
import type { JobCounts } from '../../inspection.ts'
import { answersOf } from './answers.ts'
import { firstDue } from './due.ts'
import type { Queues } from './queues.ts'
import { retryingKey } from './retrying.ts'
import { scoreAfter } from './stored-job.ts'

type Status = Awaited<ReturnType<InspectionStore['status']>>

/** The counts of each type are those of one moment; those of all types are not. */
export async function status(queues: Queues, now: number): Promise<Status> {
  const types = await Promise.all((await queues.types()).map(type => statusOf(queues, type, now)))
  const told = types.filter(({ waiting, running, scheduled, retrying, dead, paused }) => {
    return paused || waiting + running + scheduled + retrying + dead > 0
  })
  const sum = (count: 'waiting' | 'running' | 'scheduled' | 'retrying' | 'dead') =>
    told.reduce((total, counts) => total + counts[count], 0)
  return {
    ...{ waiting: sum('waiting'), running: sum('running'), scheduled: sum('scheduled') },
    ...{ retrying: sum('retrying'), parked: 0, dead: sum('dead') },
    ...oldest(told.flatMap(({ oldestDueAt }) => oldestDueAt?.getTime() ?? [])),
    types: told,
  }
}

async function statusOf(queues: Queues, type: string, now: number): Promise<Status['types'][number]> {
  const queue = queues.of(type)
  const { wait, prioritized, delayed, active, failed, meta } = queue.keys
  const read = queues.client
    .multi()
    .llen(wait!)
    .zcard(prioritized!)
    .zcount(delayed!, '-inf', `(${scoreAfter(now)}`)
    .zcount(delayed!, scoreAfter(now), '+inf')
    .zcount(retryingKey(queue), `(${now}`, '+inf')
    .llen(active!)
    .zcard(failed!)
    .hexists(meta!, 'paused')
  const counts = answersOf(await read.exec()) as number[]
  const [waiting = 0, ranked = 0, due = 0, later = 0, retrying = 0, running = 0, dead = 0, paused] = counts
  const all = waiting + ranked + due
  const first = all > 0 ? await firstDue(queues, queue) : undefined
  return {
    type,
    ...{ waiting: all, running, scheduled: Math.max(0, later - retrying), retrying, parked: 0, dead },
    ...oldest(first === undefined ? [] : [first]),
    paused: paused === 1,
  }
}

function oldest(times: readonly number[]): Pick<JobCounts, 'oldestDueAt'> {
  return times.length === 0 ? {} : { oldestDueAt: new Date(Math.min(...times)) }
}
