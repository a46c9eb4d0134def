import { z } from 'zod'
import {
  createMessaging,
  databaseBroker,
  defineMessage,
  type Messaging,
  openBroker,
} from '../../../src/messaging/index.ts'
import { type Database, openDatabase } from '../../../src/persistence/index.ts'

export const Placed = defineMessage('shop.order.placed', {
  version: 1,
  schema: z.object({ n: z.int() }),
})
export const group = 'poisoned'
/** The number of the message that ends each process that handles it. */
export const poison = 13
/** Small, so that few processes have to end; yet more than the two whose end may be blamed on the wrong message. */
export const attempts = 3

/** `broker`: the URL of one, or `''` for the database itself. */
export async function openPoisoned(shop: string, broker: string) {
  const database: Database = await openDatabase(shop)
  const messaging: Messaging = createMessaging({
    ...{ database, source: 'shop', messages: [Placed], lease: '300ms' },
    broker: broker === '' ? databaseBroker({ database, lease: '300ms' }) : await openBroker(broker),
  })
  return {
    database,
    messaging,
    async [Symbol.asyncDispose]() {
      await messaging.stop()
      await database.close()
    },
  }
}
