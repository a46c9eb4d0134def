// What somebody who installed the package writes: a row, a message and a job with one commit, and nothing of an uncommitted one.
import assert from 'node:assert/strict'
import { type Clock, compose, defineJob, defineMessage, InfrastructureError } from 'portolan'
import { createJobs } from 'portolan/jobs'
import { createMessaging } from 'portolan/messaging'
import { type Database, openDatabase } from 'portolan/persistence'
import { systemClock } from 'portolan/runtime'
import { z } from 'zod'

const OrderPlaced = defineMessage('shop.order.placed', {
  version: 1,
  schema: z.object({ orderId: z.string(), total: z.number().int() }),
})
const SendReceipt = defineJob('send-receipt', { schema: z.object({ orderId: z.string() }) })

class Receipts {
  readonly sent = Promise.withResolvers<string>()
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async start() {
    await this.#database.migrate('shop', [
      { name: '0001-orders', up: 'CREATE TABLE orders (id TEXT PRIMARY KEY, total INTEGER NOT NULL)' },
    ])
  }
}

const shop = compose('shop')
  .add('database', () => openDatabase('sqlite:./shop.db'))
  .add('receipts', ({ database }) => new Receipts(database))
  .add('jobs', ({ database, receipts }) => {
    const jobs = createJobs({ database })
    jobs.work(SendReceipt, { concurrency: 2 }, ({ orderId }) => receipts.sent.resolve(orderId))
    return jobs
  })
  .add('messages', ({ database, jobs }) => {
    const messages = createMessaging({ database, source: 'shop', messages: [OrderPlaced] })
    messages.subscribe(OrderPlaced, { group: 'receipts' }, async ({ data }) => {
      await jobs.enqueue(SendReceipt, { orderId: data.orderId })
    })
    return messages
  })

await using app = await shop.start()
const { database, messages, receipts } = app.services

const place = (id: string, total: number) =>
  database.run(async () => {
    await database.execute('INSERT INTO orders (id, total) VALUES (?, ?)', [id, total])
    await messages.publish(OrderPlaced, { orderId: id, total }, { key: id })
    if (total < 0) throw new Error('not today')
  })

await assert.rejects(place('never', -1), /not today/)
await place('A-1', 12_50)
assert.equal(await receipts.sent.promise, 'A-1')
assert.deepEqual(await database.query('SELECT id, total FROM orders'), [{ id: 'A-1', total: 1250 }])
await assert.rejects(place('A-1', 1), (error: unknown) => InfrastructureError.is(error, 'already_exists'))

// @ts-expect-error The data must fit the schema, also where only the declarations of the package are known.
const wrong = () => messages.publish(OrderPlaced, { orderId: 42 })
assert.equal(typeof wrong, 'function')

const clock: Clock = systemClock
assert.ok(clock.now() > 0)
console.log('used from TypeScript')
