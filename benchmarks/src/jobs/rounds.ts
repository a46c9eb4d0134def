import { setTimeout as sleep } from 'node:timers/promises'
import { callers } from '../callers.ts'
import { Arrivals, within } from '../messaging/arrivals.ts'
import { range } from '../messaging/message.ts'
import { steadily } from '../steadily.ts'
import { concurrency, type Handle, type Queue } from './queue.ts'

/** Opens the queue of a round. */
export type OpenQueue = (handle: Handle) => Promise<Queue>

const count = 10_000
/** Jobs in one call of a producer that has many. */
const batch = 1_000
const idle = { perSecond: 50, seconds: 2 }
const busy = { perSecond: 500, seconds: 2 }

/** Enqueues many while a worker is busy, and lets it drain them. */
export async function throughput(open: OpenQueue) {
  const arrivals = new Arrivals()
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let last = 0
  await using queue = await open(n => {
    last = performance.now()
    arrivals.add(n)
    if (n < count) return
    begun.resolve()
    return gate.promise
  })
  const all = arrivals.expect(range(0, count + concurrency))
  await queue.work()
  await queue.enqueueMany(range(count, concurrency))
  await within(begun.promise, 'The first job')
  // Whatever else it does when it starts is not what is measured.
  await sleep(500)
  const numbers = range(0, count)
  const enqueuedAt = performance.now()
  for (let from = 0; from < count; from += batch) await queue.enqueueMany(numbers.slice(from, from + batch))
  const enqueuedIn = performance.now() - enqueuedAt
  const drainedAt = performance.now()
  const cpu = process.cpuUsage()
  gate.resolve()
  await within(all, `${count} jobs`)
  const { user, system } = process.cpuUsage(cpu)
  await empty(queue)
  return {
    enqueued: count / (enqueuedIn / 1_000),
    drained: count / ((last - drainedAt) / 1_000),
    cpuUs: (user + system) / count,
  }
}

/** Jobs that come one by one, from 50 callers. */
export async function single(open: OpenQueue): Promise<number> {
  const arrivals = new Arrivals()
  await using queue = await open(n => arrivals.add(n))
  let enqueued = 0
  const rate = await callers(50, n => {
    enqueued++
    return queue.enqueue(n)
  })
  const all = arrivals.expect(range(0, enqueued))
  await queue.work()
  await within(all, `${enqueued} jobs`)
  await empty(queue)
  return rate
}

/** From the call that enqueues a job to the beginning of its handler, in ms and in order. */
export async function latencies(open: OpenQueue) {
  const arrivals = new Arrivals()
  const began: number[] = []
  let taken: number[] = []
  await using queue = await open(n => {
    taken.push(performance.now() - began[n]!)
    arrivals.add(n)
  })
  await queue.work()
  const at = async (pace: { readonly perSecond: number; readonly seconds: number }) => {
    const numbers = range(began.length, pace.perSecond * pace.seconds)
    const all = arrivals.expect(numbers)
    taken = []
    await steadily(pace, () => {
      const n = began.length
      began.push(performance.now())
      return queue.enqueue(n)
    })
    await within(all, `${numbers.length} jobs`)
    return taken.sort((a, b) => a - b)
  }
  // The first one finds nothing ready.
  await at({ perSecond: 20, seconds: 0.5 })
  const alone = await at(idle)
  const loaded = await at(busy)
  await empty(queue)
  return { alone, loaded }
}

/** Nothing that was done comes again. */
async function empty(queue: Queue): Promise<void> {
  const giveUp = performance.now() + 10_000
  for (let left = await queue.left(); left > 0; left = await queue.left()) {
    if (performance.now() > giveUp) throw new Error(`${left} jobs are left that were done.`)
    await sleep(2)
  }
}
