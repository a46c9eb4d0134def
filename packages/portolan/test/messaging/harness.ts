import type { MessagingHarness, MessagingMember } from '../../src/contracts/messaging.ts'
import {
  type BrokerDriver,
  createMessaging,
  databaseBroker,
  type Messaging,
  type WireMessage,
} from '../../src/messaging/index.ts'
import type { Database } from '../../src/persistence/index.ts'
import { membersOf, type TestBroker } from './brokers.ts'
import { counter, type EngineName, openPlace } from './engines.ts'

/** Where the broker lives: in the application's database, or in one of its own, behind outbox and inbox. */
export type Home = 'joined' | 'apart'

export interface HarnessOptions {
  /** Default: SQLite. */
  readonly engine?: EngineName
  /** Default: the database broker. */
  readonly broker?: TestBroker
  /** Turns the broker of a member into another; for faults. */
  readonly wrap?: (driver: BrokerDriver) => BrokerDriver
}

/** Shorter than the default, so that members share soon; longer than a busy machine stalls. */
const lease = '1500ms'

export async function openHarness(
  home: Home,
  { engine = 'sqlite', broker: given, wrap = driver => driver }: HarnessOptions = {},
): Promise<MessagingHarness> {
  const place = await openPlace(engine)
  const over = given && membersOf(given)
  const members: { messaging: Messaging; databases: Database[] }[] = []
  const setup = await place.open('shop')
  await setup.execute(
    `CREATE TABLE effects (position ${counter[setup.dialect]}, message VARCHAR(250) NOT NULL, note VARCHAR(250) NOT NULL)`,
  )
  await setup.close()
  return {
    async join(messages, options = {}): Promise<MessagingMember> {
      const database = await place.open('shop')
      const where = home === 'joined' || over ? database : await place.open('broker')
      const broker = wrap(over ? await over.open() : databaseBroker({ lease, ...options, database: where }))
      const messaging = createMessaging({ database, source: 'test', messages, broker, lease, ...options })
      members.push({ messaging, databases: [database, where] })
      const inject = async (message: WireMessage) => {
        const [failure] = await broker.publish([message])
        if (failure) throw failure.error
      }
      return { messaging, database, inject }
    },
    async [Symbol.asyncDispose]() {
      for (const { messaging } of members) await messaging.stop()
      for (const { databases } of members) for (const database of databases) await database.close()
      await over?.[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
}
