import { defineJob, type Schema } from 'portolan'
import { createJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import type { Place } from '../place.ts'
import { concurrency, type Handle, type Order, order, type Queue } from '../queue.ts'

/** Without a library: what one costs is not what is measured. */
export const orders: Schema<Order> = {
  '~standard': {
    version: 1,
    vendor: 'portolan-bench',
    validate: value => (isOrder(value) ? { value } : { issues: [{ message: 'expected an order' }] }),
  },
}

/** Everything is on: validation, retries, leases. */
const Bill = defineJob('bill', { schema: orders })

export async function portolan(place: Place, handle: Handle): Promise<Queue> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openDatabase(place.url))
  const jobs = stack.use(createJobs({ database }))
  jobs.work(Bill, { concurrency }, ({ n }) => handle(n))
  const owned = stack.move()
  return {
    async enqueue(n) {
      await jobs.enqueue(Bill, order(n))
    },
    async enqueueMany(numbers) {
      await jobs.enqueueMany(
        Bill,
        numbers.map(n => ({ payload: order(n) })),
      )
    },
    async work() {
      await jobs.start()
    },
    async left() {
      const { waiting, running } = await jobs.status()
      return waiting + running
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function isOrder(value: unknown): value is Order {
  const { n, customer } = (value ?? {}) as Partial<Order>
  return typeof n === 'number' && typeof customer === 'string'
}
