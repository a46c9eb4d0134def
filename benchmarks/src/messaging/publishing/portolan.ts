import { createMessaging } from 'portolan/messaging'
import { openDatabase } from 'portolan/persistence'
import { keyOf, OrderPlaced, placed } from '../message.ts'
import { NoopBroker } from '../noop-broker.ts'
import type { Place } from '../places.ts'
import type { Transacting } from './transacting.ts'

export async function portolanTransacting({ url, engine }: Place): Promise<Transacting> {
  await using stack = new AsyncDisposableStack()
  // As many connections as the others have.
  const database = stack.use(await openDatabase(engine === 'sqlite' ? url : `${url}?pool_max=8`))
  await database.execute('CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)')
  let sent = 0
  const broker = new NoopBroker(() => void sent++)
  const messaging = createMessaging({ database, source: 'bench', messages: [OrderPlaced], broker })
  stack.defer(() => messaging.stop())
  await messaging.start()
  broker.hold()
  const owned = stack.move()
  return {
    transact: (n, publishes) =>
      database.run(async () => {
        await database.execute('INSERT INTO orders (id, total) VALUES (?, ?)', [n, 1])
        if (publishes) await messaging.publish(OrderPlaced, placed(n), { key: keyOf(n) })
      }),
    async clear() {
      broker.release()
      while ((await messaging.status()).outbox > 0) await new Promise(setImmediate)
      broker.hold()
      const counts = { rows: await database.execute('DELETE FROM orders'), messages: sent }
      sent = 0
      return counts
    },
    async [Symbol.asyncDispose]() {
      broker.release()
      await owned.disposeAsync()
    },
  }
}
