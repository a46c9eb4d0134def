import { createMessaging, openBroker } from 'portolan/messaging'
import { openDatabase } from 'portolan/persistence'
import { type Broker, brokerUrl } from '../brokers.ts'
import { keyOf, OrderPlaced, placed } from '../message.ts'
import type { Place } from '../places.ts'
import type { Flow, Handled } from './flow.ts'

/** As the guide recommends for handlers that write a few rows: many share a commit, the more so the fewer run at a time. */
const options = { group: 'billing', batchSize: 32, concurrency: 4 }

export async function portolanFlow(place: Place, broker: Broker, handled: Handled): Promise<Flow> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openDatabase(place.url))
  await database.execute('CREATE TABLE orders (id INTEGER NOT NULL)')
  await database.execute('CREATE TABLE effects (n INTEGER PRIMARY KEY)')
  // Names of its own in the broker: the inbox of one database does not know the messages of another.
  const url = await brokerUrl(broker, `portolan-bench-${place.engine}`)
  // What a run that was killed has left there.
  await removeFrom(url)
  const messaging = createMessaging({
    ...{ database, source: 'bench', messages: [OrderPlaced] },
    broker: await openBroker(url, { database }),
  })
  stack.defer(() => messaging.stop())
  messaging.subscribe(OrderPlaced, options, async ({ data: { n } }) => {
    handled(n)
    await database.execute('INSERT INTO effects (n) VALUES (?)', [n])
  })
  await messaging.start()
  stack.defer(() => removeFrom(url))
  const owned = stack.move()
  return {
    publish: (numbers, committing) =>
      database.run(async () => {
        await database.execute('INSERT INTO orders (id) VALUES (?)', [numbers[0]!])
        for (const n of numbers) await messaging.publish(OrderPlaced, placed(n), { key: keyOf(n) })
        committing()
      }),
    async effects() {
      const [row] = await database.query<{ count: number }>('SELECT COUNT(*) AS count FROM effects')
      return row!.count
    },
    async clear() {
      for (const table of ['orders', 'effects']) await database.execute(`DELETE FROM ${table}`)
      if (place.engine === 'postgres') await database.execute('VACUUM ANALYZE')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Whatever the group has in the broker. */
async function removeFrom(url: string): Promise<void> {
  if (url === 'database:') return
  const driver = await openBroker(url)
  await driver.open()
  await driver.unbind('billing', OrderPlaced.name, [])
  await driver.close()
}
