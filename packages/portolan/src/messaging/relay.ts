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
import { Refusals } from './refusals.ts'
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
  readonly #refusals = new Refusals()

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
    if (this.#ahead.begin()) this.#refusals.offerDue(began)
    const { position: after, passed } = this.#ahead
    const entries = await outbox.read(after, shards, batch)
    const keys = passed ? this.#keysOf(entries) : []
    const late = passed && keys.length > 0 ? await outbox.earlier(passed, keys) : []
    // Shards changed hands meanwhile: what comes first was not read.
    if (this.#ahead.position < after) return 0
    const more = entries.length === batch
    this.#ahead.end(entries.at(-1)?.seq ?? after, more, surroundings.clock.monotonic() - began)
    this.#sending = [...late, ...entries].filter(entry => this.#refusals.mayBeSent(entry))
    const idle = more ? 0 : Infinity
    if (this.#sending.length === 0) return idle
    try {
      // What is refused again and again is no work: it must not keep the pace up.
      return (await this.#send(this.#sending)) > 0 ? 0 : idle
    } catch (error) {
      this.#startOver()
      throw error
    } finally {
      this.#sending = []
    }
  }

  /** Of what may be sent. */
  #keysOf(entries: readonly OutboxEntry[]): string[] {
    const keys = new Set<string>()
    for (const entry of entries) {
      const { key } = entry.message
      if (key !== undefined && this.#refusals.mayBeSent(entry)) keys.add(key)
    }
    return [...keys]
  }

  #startOver(): void {
    this.#ahead.rewind(0)
    this.#refusals.clear()
  }

  /** Resolves with the number of those that are not in the outbox any more. */
  async #send(entries: readonly OutboxEntry[]): Promise<number> {
    const { driver, outbox, tracing, metrics } = this.#parts
    const messages = entries.map(({ message }) => message)
    const failures = await tracing.relay(messages.length, () => driver.publish(messages))
    metrics.sent(messages.length - failures.length)
    const failed = new Map(failures.map(failure => [failure.id, failure]))
    const taken = failures.length === 0 ? entries : entries.filter(({ message }) => !failed.has(message.id))
    await outbox.delete(taken.map(({ seq }) => seq))
    if (this.#refusals.size > 0) for (const entry of taken) this.#refusals.remove(entry)
    let gone = taken.length
    for (const entry of failures.length === 0 ? [] : entries) {
      const failure = failed.get(entry.message.id)
      if (failure && (await this.#notTaken(entry, failure))) gone++
    }
    return gone
  }

  /** Resolves with whether it is given up. */
  async #notTaken(entry: OutboxEntry, { permanent, error }: PublishFailure): Promise<boolean> {
    const { database, outbox, dead, surroundings } = this.#parts
    const { seq, message } = entry
    if (!permanent) {
      this.#refusals.add(entry, surroundings.clock.monotonic())
      this.#complaints.warn('The broker did not take a message; it will be offered again.', {
        type: message.topic,
        error,
      })
      return false
    }
    await database.run(async () => {
      await outbox.delete([seq])
      await dead.add({ message, reason: reasonOf(error), stack: stackOf(error), attempts: 1 })
    })
    this.#refusals.remove(entry)
    this.#complaints.warn('The broker refuses a message for good; it is among the dead letters.', {
      type: message.topic,
      error,
    })
    return true
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
