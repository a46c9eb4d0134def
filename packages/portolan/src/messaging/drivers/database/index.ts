import type { Database } from '../../../persistence/database.ts'
import type { Health } from '../../../ports/service.ts'
import type { Duration } from '../../../ports/time.ts'
import { milliseconds } from '../../../runtime/duration.ts'
import { type Surroundings, surroundings } from '../../../runtime/surroundings.ts'
import { Bindings } from '../../bindings.ts'
import type {
  Backlog,
  BrokerCapabilities,
  BrokerDriver,
  ConsumeRequest,
  Consumption,
  PublishFailure,
  WireMessage,
} from '../../driver.ts'
import { Ownership } from '../../ownership.ts'
import { ReadAhead } from '../../read-ahead.ts'
import { Deliveries } from '../../stored/deliveries.ts'
import { Feed } from '../../stored/feed.ts'
import { migrations, namespace } from '../../tables.ts'

export interface DatabaseBrokerOptions extends Partial<Surroundings> {
  /** The application's own, so that publishing and handling join its units of work; or one that several applications share. */
  readonly database: Database
  /** How long the others wait for a process that does not answer, before they take over its share. Default `'3s'`. */
  readonly lease?: Duration
}

/**
 * A broker in a database: topics and groups without a server, for one process or several.
 *
 * Guarantees: durable; the order of a key holds over all types of a group; a group gets what is published after it was bound.
 * Over the application's own database, a message costs one insert a group when it is published and one delete when it is handled.
 */
export function databaseBroker({ database, lease = '3s', ...given }: DatabaseBrokerOptions): BrokerDriver {
  return new DatabaseBroker(database, milliseconds(lease, 'lease'), surroundings(given))
}

class DatabaseBroker implements BrokerDriver {
  readonly name = 'portolan'
  readonly capabilities: BrokerCapabilities = {
    durable: true,
    survivesKill: true,
    orderAcrossTypes: true,
    history: false,
    largeMessages: true,
    backlogAtRest: true,
  }
  readonly joins: Database
  readonly #surroundings: Surroundings
  readonly #bindings: Bindings
  readonly #deliveries: Deliveries
  readonly #ownership: Ownership
  readonly #feeds = new Set<Feed>()
  #endWatch: (() => void) | undefined

  constructor(database: Database, leaseMs: number, given: Surroundings) {
    this.joins = database
    this.#surroundings = given
    this.#bindings = new Bindings(database)
    this.#deliveries = new Deliveries(database, 'portolan_messaging_delivery', given.clock)
    this.#ownership = new Ownership(database, leaseMs, given)
  }

  async open(): Promise<void> {
    await this.joins.migrate(namespace, migrations)
    this.#endWatch = this.joins.onCommit(() => {
      for (const feed of this.#feeds) feed.hurry()
    })
  }

  async bind(group: string, topics: readonly string[]): Promise<void> {
    await this.joins.run(() => this.#bindings.add(group, topics))
  }

  unbind(group: string, topic: string): Promise<number> {
    return this.joins.run(async () => {
      await this.#bindings.remove(group, topic)
      return this.#deliveries.drop(group, topic)
    })
  }

  async publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    const [first] = messages
    if (messages.length === 1 && first!.group === undefined) await this.#deliveries.addBound(first!)
    else await this.joins.run(() => this.#addAll(messages))
    this.joins.afterCommit(() => this.#published(messages))
    return []
  }

  async consume(request: ConsumeRequest): Promise<Consumption> {
    const feed = new Feed(request, this.#deliveries, this.#ownership, this.#surroundings, this.#readAhead())
    await feed.start()
    this.#feeds.add(feed)
    return {
      stop: () => feed.stop(),
      close: () => {
        this.#feeds.delete(feed)
        return feed.close()
      },
    }
  }

  async #addAll(messages: readonly WireMessage[]): Promise<void> {
    const topics = new Set(messages.map(({ topic }) => topic))
    await this.#deliveries.add(messages, await this.#bindings.of([...topics]))
  }

  backlog(): Promise<readonly Backlog[]> {
    return this.#deliveries.backlog()
  }

  async health(): Promise<Health> {
    const failing = [...this.#feeds].some(feed => !feed.healthy)
    return failing
      ? { status: 'degraded', detail: 'Reading deliveries fails; see the log.' }
      : { status: 'up' }
  }

  async close(): Promise<void> {
    this.#endWatch?.()
    this.#endWatch = undefined
    for (const feed of this.#feeds) await feed.close()
    this.#feeds.clear()
    await this.#ownership.stop()
  }

  #readAhead(): ReadAhead {
    return new ReadAhead(this.#surroundings.clock, () => !this.joins.capabilities.concurrentTransactions)
  }

  /** Those of other processes are found by their `onCommit`, and by looking at an adaptive pace. */
  #published(messages: readonly WireMessage[]): void {
    for (const feed of this.#feeds) {
      if (messages.some(({ topic }) => feed.topics.includes(topic))) feed.wake()
    }
  }
}
