import type { Database } from '../persistence/database.ts'
import { reasonOf, stackOf } from '../runtime/failure.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Complaints } from './complaints.ts'
import type { DeadMessages } from './dead-messages.ts'
import type { BrokerDriver, PublishFailure } from './driver.ts'
import { Loop } from './loop.ts'
import type { MessagingMetrics } from './metrics.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'
import type { Claim, ShardUser } from './owned-shards.ts'
import type { Ownership } from './ownership.ts'
import { ReadAhead } from './read-ahead.ts'
import type { Tracing } from './tracing.ts'

const scope = 'outbox'
const batch = 500

export interface RelayParts {
  readonly database: Database
  readonly driver: BrokerDriver
  readonly outbox: Outbox
  readonly dead: DeadMessages
  readonly ownership: Ownership
  readonly tracing: Tracing
  readonly metrics: MessagingMetrics
  readonly surroundings: Surroundings
}

/**
 * Moves the outbox to the broker: reads ahead without a lock, publishes, and deletes exactly what was confirmed. A crash between
 * the two publishes again, which the inbox notices. While the broker is away, the loop's pause is the circuit breaker, and
 * no attempts are counted.
 */
export class Relay implements ShardUser {
  readonly #parts: RelayParts
  readonly #loop: Loop
  readonly #complaints: Complaints
  readonly #ahead: ReadAhead
  #claim: Claim | undefined
  #sending: readonly OutboxEntry[] = []
  /** What was not taken, until the next scan from the head offers it again. */
  readonly #refused = new Set<number>()
  /** The keys of it: later messages do not overtake it. */
  readonly #held = new Set<string>()

  constructor(parts: RelayParts) {
    this.#parts = parts
    this.#complaints = new Complaints(parts.surroundings)
    this.#ahead = new ReadAhead(parts.surroundings.clock, !parts.database.capabilities.concurrentTransactions)
    this.#loop = new Loop(parts.surroundings, 'publish the outbox', () => this.#step())
  }

  get healthy(): boolean {
    return this.#loop.healthy
  }

  async start(): Promise<void> {
    this.#claim = await this.#parts.ownership.join(scope, this)
    this.#loop.start()
  }

  wake(): void {
    this.#loop.wake()
  }

  hurry(): void {
    this.#loop.hurry()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  /** Its batch ends soon, and what another process sends twice has one effect. */
  busy(): boolean {
    return this.#sending.length > 0
  }

  /** What is published runs none of its handlers. */
  tookOver(): void {}

  changed(): void {
    this.#startOver()
    this.#loop.wake()
  }

  async #step(): Promise<number> {
    const { outbox, surroundings } = this.#parts
    const shards = this.#claim?.shards()
    if (shards?.length === 0) return Infinity
    const began = surroundings.clock.monotonic()
    if (this.#ahead.begin()) this.#offerAgain()
    const { position: after, passed } = this.#ahead
    const entries = await outbox.read(after, shards, batch)
    const keys = passed ? this.#keysOf(entries) : []
    const late = passed && keys.length > 0 ? await outbox.earlier(passed, keys) : []
    // Shards changed hands meanwhile: what comes first was not read.
    if (this.#ahead.position < after) return 0
    const more = entries.length === batch
    this.#ahead.end(entries.at(-1)?.seq ?? after, more, surroundings.clock.monotonic() - began)
    this.#sending = [...late, ...entries].filter(entry => this.#mayBeSent(entry))
    if (this.#sending.length === 0) return more ? 0 : Infinity
    try {
      await this.#send(this.#sending)
    } catch (error) {
      this.#startOver()
      throw error
    } finally {
      this.#sending = []
    }
    return 0
  }

  /** Of what may be sent. */
  #keysOf(entries: readonly OutboxEntry[]): string[] {
    const keys = new Set<string>()
    for (const entry of entries) {
      const { key } = entry.message
      if (key !== undefined && this.#mayBeSent(entry)) keys.add(key)
    }
    return [...keys]
  }

  #mayBeSent({ seq, message: { key } }: OutboxEntry): boolean {
    return !this.#refused.has(seq) && (key === undefined || !this.#held.has(key))
  }

  #startOver(): void {
    this.#ahead.rewind(0)
    this.#offerAgain()
  }

  #offerAgain(): void {
    this.#refused.clear()
    this.#held.clear()
  }

  async #send(entries: readonly OutboxEntry[]): Promise<void> {
    if (entries.length === 0) return
    const { driver, outbox, tracing, metrics } = this.#parts
    const messages = entries.map(({ message }) => message)
    const failures = await tracing.relay(messages.length, () => driver.publish(messages))
    metrics.sent(messages.length - failures.length)
    if (failures.length === 0) return outbox.delete(entries.map(({ seq }) => seq))
    const failed = new Map(failures.map(failure => [failure.id, failure]))
    await outbox.delete(entries.filter(({ message }) => !failed.has(message.id)).map(({ seq }) => seq))
    for (const entry of entries) {
      const failure = failed.get(entry.message.id)
      if (failure) await this.#notTaken(entry, failure)
    }
  }

  async #notTaken({ seq, message }: OutboxEntry, { permanent, error }: PublishFailure): Promise<void> {
    const { database, outbox, dead } = this.#parts
    if (!permanent) {
      this.#refused.add(seq)
      if (message.key !== undefined) this.#held.add(message.key)
      this.#complaints.warn('The broker did not take a message; it will be offered again.', {
        type: message.topic,
        error,
      })
      return
    }
    await database.run(async () => {
      await outbox.delete([seq])
      await dead.add({ message, reason: reasonOf(error), stack: stackOf(error), attempts: 1 })
    })
    this.#complaints.warn('The broker refuses a message for good; it is among the dead letters.', {
      type: message.topic,
      error,
    })
  }
}

/** Hands over what another configuration, whose broker did not join the database, has left in the outbox. */
export async function emptyOutbox({ database, driver, outbox }: RelayParts): Promise<void> {
  while ((await outbox.read(0, undefined, 1)).length > 0) {
    await database.run(async () => {
      const entries = await outbox.claim(batch)
      const [failure] = await driver.publish(entries.map(({ message }) => message))
      if (failure) throw failure.error
      await outbox.delete(entries.map(({ seq }) => seq))
    })
  }
}
