import type { Database } from '../persistence/database.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { together } from './backlogs.ts'
import { Bindings } from './bindings.ts'
import type { Bridge } from './consumer.ts'
import type { Backlog, BrokerDriver, WireMessage } from './driver.ts'
import { Inbox } from './inbox.ts'
import { Relay, type RelayParts } from './relay.ts'
import { type Addressed, Retries } from './retries.ts'

/** Both ways between the database and a broker that does not join it. */
export class Crossing implements Bridge {
  readonly ownership: Bridge['ownership']
  readonly inbox: Inbox
  readonly retries: Retries
  readonly #database: Database
  readonly #driver: BrokerDriver
  readonly #parts: RelayParts
  readonly #relay: Relay
  readonly #bindings: Bindings
  #endWatch: (() => void) | undefined

  constructor(parts: RelayParts, inboxRetentionMs: number, surroundings: Surroundings) {
    const { database, driver, ownership } = parts
    this.ownership = ownership
    this.inbox = new Inbox(database, inboxRetentionMs, surroundings)
    this.retries = new Retries(database, ownership, surroundings)
    this.#database = database
    this.#driver = driver
    this.#parts = parts
    this.#relay = new Relay(parts)
    this.#bindings = new Bindings(database)
  }

  /** Why messages do not move; `undefined`: they do. */
  get trouble(): string | undefined {
    if (!this.#relay.healthy) return 'The broker does not take messages; the outbox keeps them.'
    return this.retries.healthy ? undefined : 'Reading what is tried again fails; see the log.'
  }

  async bind(group: string, topics: readonly string[]): Promise<void> {
    await this.#bindings.add(group, topics)
    await this.#driver.bind(group, topics)
  }

  /** Resolves with the number of messages that were dropped. */
  async unbind(group: string, topic: string): Promise<number> {
    await this.#bindings.remove(group, topic)
    const dropped = await this.#driver.unbind(group, topic, await this.#bindings.topicsOf(group))
    return dropped + (await this.retries.drop(group, topic))
  }

  async start(): Promise<void> {
    await this.retries.adopt()
    await this.#relay.start()
    this.inbox.start()
    this.retries.start()
    this.#endWatch = this.#database.onCommit(() => this.#relay.hurry())
  }

  async stop(): Promise<void> {
    this.#endWatch?.()
    await this.#relay.stop()
    await this.inbox.stop()
    this.retries.stop()
    await this.ownership.stop()
  }

  /** In the unit of work in progress. */
  async send(messages: readonly WireMessage[]): Promise<void> {
    const addressed = messages.filter(isAddressed)
    const toAll = messages.filter(message => !isAddressed(message))
    if (addressed.length > 0) await this.retries.add(addressed)
    if (toAll.length === 0) return
    if (toAll.length === 1) await this.#parts.outbox.add(toAll)
    else await this.#database.run(() => this.#parts.outbox.add(toAll))
    this.#database.afterCommit(() => this.#relay.wake())
  }

  /** What waits for each group, in the broker and to be tried again; none for a group that has nothing. */
  async backlog(): Promise<Backlog[]> {
    const received = await this.#driver.backlog(await this.#bindings.groups())
    return together([...received, ...(await this.retries.backlog())])
  }
}

function isAddressed(message: WireMessage): message is Addressed {
  return message.group !== undefined
}
