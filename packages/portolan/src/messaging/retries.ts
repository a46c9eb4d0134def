import type { Database } from '../persistence/database.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Backlog, Consumption, WireMessage } from './driver.ts'
import type { Ownership } from './ownership.ts'
import { ReadAhead } from './read-ahead.ts'
import { Deliveries } from './stored/deliveries.ts'
import { Feed, type FeedRequest } from './stored/feed.ts'

const chunk = 500

/** A message that one group alone is to have. */
export type Addressed = WireMessage & { readonly group: string }

/**
 * What is tried again of a broker that does not join the database: messages whose handler failed, what follows them in their keys,
 * and dead letters that are replayed. They are kept in the application's database, so that the broker moves on: one that keeps
 * failing holds up its key alone, however many follow, and its attempts are counted whatever becomes of processes and brokers.
 */
export class Retries {
  readonly #database: Database
  readonly #deliveries: Deliveries
  readonly #ownership: Ownership
  readonly #surroundings: Surroundings
  readonly #feeds = new Map<string, Feed>()
  #endWatch: (() => void) | undefined

  constructor(database: Database, ownership: Ownership, surroundings: Surroundings) {
    this.#database = database
    this.#deliveries = new Deliveries(database, 'portolan_messaging_retry', surroundings.clock)
    this.#ownership = ownership
    this.#surroundings = surroundings
  }

  get healthy(): boolean {
    return [...this.#feeds.values()].every(feed => feed.healthy)
  }

  start(): void {
    this.#endWatch = this.#database.onCommit(() => {
      for (const feed of this.#feeds.values()) feed.hurry()
    })
  }

  stop(): void {
    this.#endWatch?.()
  }

  /** In the unit of work in progress: they are delivered as soon as their turn comes. */
  async add(messages: readonly Addressed[]): Promise<void> {
    await this.#deliveries.add(messages)
    this.#wake(messages)
  }

  /** In the unit of work in progress: one that has failed `failures` times, to be delivered no earlier than in `delayMs`. */
  async addFailed(message: Addressed, failures: number, delayMs: number): Promise<void> {
    await this.#deliveries.addFailed(message, failures, this.#surroundings.clock.now() + delayMs)
    this.#wake([message])
  }

  async consume(request: FeedRequest): Promise<Consumption> {
    const { clock } = this.#surroundings
    const ahead = new ReadAhead(clock, () => !this.#database.capabilities.concurrentTransactions)
    const feed = new Feed(request, this.#deliveries, this.#ownership, this.#surroundings, ahead)
    await feed.start()
    this.#feeds.set(request.group, feed)
    return {
      stop: () => feed.stop(),
      close: () => {
        if (this.#feeds.get(request.group) === feed) this.#feeds.delete(request.group)
        return feed.close()
      },
    }
  }

  /** Whatever waits for `group` of `topic`. Resolves with the number of messages. */
  drop(group: string, topic: string): Promise<number> {
    return this.#deliveries.drop(group, topic)
  }

  backlog(): Promise<Backlog[]> {
    return this.#deliveries.backlog()
  }

  /** Takes over what another configuration, whose broker was this database, has left for its groups. */
  async adopt(): Promise<void> {
    const left = new Deliveries(this.#database, 'portolan_messaging_delivery', this.#surroundings.clock)
    while (await this.#database.run(() => left.move(this.#deliveries.table, chunk))) {}
  }

  #wake(messages: readonly Addressed[]): void {
    const groups = new Set(messages.map(({ group }) => group))
    this.#database.afterCommit(() => {
      for (const group of groups) this.#feeds.get(group)?.wake()
    })
  }
}
