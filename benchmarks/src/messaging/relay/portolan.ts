import { setTimeout as sleep } from 'node:timers/promises'
import { createMessaging } from 'portolan/messaging'
import { openDatabase } from 'portolan/persistence'
import type { Arrivals } from '../arrivals.ts'
import { keyOf, numberIn, OrderPlaced, placed } from '../message.ts'
import { NoopBroker } from '../noop-broker.ts'
import type { Place } from '../places.ts'
import type { Relaying } from './relaying.ts'

const perTransaction = 1_000

export async function portolanRelay(place: Place, arrivals: Arrivals): Promise<Relaying> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openDatabase(place.url))
  const broker = new NoopBroker(({ payload }) => arrivals.add(numberIn(payload)))
  const messaging = createMessaging({ database, source: 'bench', messages: [OrderPlaced], broker })
  stack.defer(() => messaging.stop())
  await messaging.start()
  const owned = stack.move()
  return {
    async fill(numbers) {
      broker.hold()
      for (let from = 0; from < numbers.length; from += perTransaction)
        await database.run(async () => {
          for (const n of numbers.slice(from, from + perTransaction))
            await messaging.publish(OrderPlaced, placed(n), { key: keyOf(n) })
        })
      // What the rounds before have deleted must not be in the way, as a server's own vacuum sees to.
      if (place.engine === 'postgres') await database.execute('VACUUM ANALYZE portolan_messaging_outbox')
    },
    release: () => broker.release(),
    async settled() {
      while ((await messaging.status()).outbox > 0) await sleep(1)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
