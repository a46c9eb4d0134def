import { createPostgresBackend, Queue as Producer, Worker } from 'bullmq'
import type { Place } from '../place.ts'
import { concurrency, type Handle, order, type Queue } from '../queue.ts'

const name = 'bill'
/** Its documentation: jobs that nobody looks at again are removed, or the store grows. */
const defaultJobOptions = { removeOnComplete: true, removeOnFail: true }

export async function onRedis({ url }: Place, handle: Handle): Promise<Queue> {
  // A worker asks for as much as it takes to reconnect.
  const connection = { url, maxRetriesPerRequest: null }
  const producer = new Producer(name, { connection, defaultJobOptions })
  const worker = new Worker(name, async ({ data }) => handle(data.n), {
    ...{ connection, concurrency, autorun: false },
  })
  await Promise.all([producer.waitUntilReady(), worker.waitUntilReady()])
  return queueOf(producer, worker)
}

export async function onPostgres({ url }: Place, handle: Handle): Promise<Queue> {
  const connection = { connectionString: url, migrate: true }
  const producer = new Producer(name, { connection, defaultJobOptions }, createPostgresBackend)
  await producer.waitUntilReady()
  const worker = new Worker(
    name,
    async ({ data }) => handle(data.n),
    { connection, concurrency, autorun: false },
    createPostgresBackend,
  )
  await worker.waitUntilReady()
  return queueOf(producer, worker)
}

type Adding = Pick<Producer, 'add' | 'addBulk' | 'getJobCountByTypes' | 'close'>

function queueOf(
  producer: Adding,
  worker: { run(): Promise<unknown>; close(): Promise<void>; on(event: 'error', told: () => void): unknown },
): Queue {
  // Its connections end while it closes.
  worker.on('error', () => {})
  return {
    async enqueue(n) {
      await producer.add(name, order(n))
    },
    async enqueueMany(numbers) {
      await producer.addBulk(numbers.map(n => ({ name, data: order(n) })))
    },
    async work() {
      worker.run().catch(() => {})
    },
    left: () => producer.getJobCountByTypes('waiting', 'active'),
    async [Symbol.asyncDispose]() {
      await worker.close()
      await producer.close()
    },
  }
}
