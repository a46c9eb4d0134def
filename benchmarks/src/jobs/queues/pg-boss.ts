import { PgBoss } from 'pg-boss'
import type { Place } from '../place.ts'
import { type Handle, type Order, order, type Queue } from '../queue.ts'

const name = 'bill'

/** Woken by NOTIFY, and in batches that are asked for one after the other while they come back full: as fast as it goes. */
export async function pgBoss({ url }: Place, handle: Handle): Promise<Queue> {
  const boss = new PgBoss({ connectionString: url, useListenNotify: true, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  await boss.createQueue(name, { notify: true })
  return {
    async enqueue(n) {
      await boss.send(name, order(n))
    },
    async enqueueMany(numbers) {
      await boss.insert(
        name,
        numbers.map(n => ({ data: order(n) })),
      )
    },
    async work() {
      await boss.work<Order>(name, { batchSize: 500, burstWhenBatchFull: true }, jobs =>
        Promise.all(jobs.map(({ data }) => handle(data.n))),
      )
    },
    async left() {
      // Its own counts may be a minute old.
      const { rows } = await boss
        .getDb()
        .executeSql("SELECT count(*) AS n FROM pgboss.job WHERE state < 'completed'")
      return Number((rows as { n: string }[])[0]!.n)
    },
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: true, timeout: 5_000 })
    },
  }
}
