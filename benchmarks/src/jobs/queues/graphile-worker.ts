import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import type { Place } from '../place.ts'
import { concurrency, type Handle, type Order, order, type Queue } from '../queue.ts'

const identifier = 'bill'
const logger = new Logger(() => () => {})

/** Batched, as the page of its documentation on performance has it. */
export async function graphileWorker({ url }: Place, handle: Handle): Promise<Queue> {
  const pgPool = new pg.Pool({ connectionString: url, max: 20 })
  pgPool.on('error', () => {})
  pgPool.on('connect', client => client.on('error', () => {}))
  const utils = await makeWorkerUtils({ pgPool, logger })
  await utils.migrate()
  let runner: Runner | undefined
  return {
    async enqueue(n) {
      await utils.addJob(identifier, order(n))
    },
    async enqueueMany(numbers) {
      await utils.addJobs(numbers.map(n => ({ identifier, payload: order(n) })))
    },
    async work() {
      runner = await run({
        preset: {
          worker: {
            ...{ concurrentJobs: concurrency, localQueue: { size: 500 } },
            ...{ completeJobBatchDelay: 0, failJobBatchDelay: 0 },
          },
        },
        ...{ pgPool, logger, noHandleSignals: true },
        taskList: { [identifier]: async payload => handle((payload as Order).n) },
      })
    },
    async left() {
      const { rows } = await pgPool.query<{ n: string }>('SELECT count(*) AS n FROM graphile_worker.jobs')
      return Number(rows[0]!.n)
    },
    async [Symbol.asyncDispose]() {
      await runner?.stop()
      await utils.release()
      await pgPool.end()
    },
  }
}
