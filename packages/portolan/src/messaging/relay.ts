import type { Database } from '../persistence/database.ts'
import { reasonOf, stackOf } from '../runtime/failure.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Complaints } from './complaints.ts'
import type { DeadMessages } from './dead-messages.ts'
import type { BrokerDriver, PublishFailure } from './driver.ts'
import { Gaps } from './gaps.ts'
import { Loop } from './loop.ts'
import type { MessagingMetrics } from './metrics.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'
import type { Claim, ShardUser } from './owned-shards.ts'
import type { Ownership } from './ownership.ts'
import { type Passed, ReadAhead } from './read-ahead.ts'
import { Refusals } from './refusals.ts'
import type { Tracing } from './tracing.ts'

const scope = 'outbox'
const batch = 500
/** Deletes of what was confirmed that may be on their way while more is published. */
const mostDeletes = 4

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
  readonly #gaps: Gaps
  #claim: Claim | undefined
  #sending: readonly OutboxEntry[] = []
  readonly #refusals = new Refusals()
  /** Confirmed, but a read may still show them. */
  readonly #confirmed = new Set<number>()
  /** Those of them whose delete was committed, since the last read was sent. */
  readonly #deleted: number[] = []
  readonly #deletes = new Set<Promise<void>>()
  /** Why a delete failed. */
  #failure: { readonly error: unknown } | undefined

  constructor(parts: RelayParts) {
    const { surroundings, database } = parts
    const { clock } = surroundings
    const inOrder = !database.capabilities.concurrentTransactions
    this.#parts = parts
    this.#complaints = new Complaints(surroundings)
    this.#gaps = new Gaps(clock)
    this.#ahead = new ReadAhead(clock, () => inOrder || this.#knowsGaps)
    this.#loop = new Loop(surroundings, 'publish the outbox', () => this.#step())
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

  async stop(): Promise<void> {
    await this.#loop.stop()
    await Promise.all(this.#deletes)
  }

  /** Its batch ends soon, and what another process sends twice has one effect. */
  busy(): boolean {
    return this.#sending.length > 0 || this.#deletes.size > 0
  }

  /** What is published runs none of its handlers. */
  tookOver(): void {}

  changed(): void {
    this.#gaps.clear()
    this.#startOver()
    this.#loop.wake()
  }

  /** Nobody else takes anything away, so that what is missing was never there. */
  get #knowsGaps(): boolean {
    return this.#claim?.shards() === undefined && this.#gaps.known
  }

  async #step(): Promise<number> {
    const { outbox, surroundings } = this.#parts
    if (this.#failure) return this.#failed(this.#failure.error)
    const shards = this.#claim?.shards()
    const { starts } = this.#ahead
    if (shards?.length === 0) return Infinity
    const began = surroundings.clock.monotonic()
    if (this.#ahead.begin()) this.#refusals.offerDue(began)
    for (const seq of this.#deleted.splice(0)) this.#confirmed.delete(seq)
    const { position: after, passed } = this.#ahead
    const entries = await outbox.read(after, shards, batch)
    const late = passed ? await this.#passed(entries, passed) : await this.#missing(after)
    // Shards changed hands meanwhile: what comes first was not read.
    if (this.#ahead.starts !== starts) return 0
    const more = entries.length === batch
    if (shards === undefined) this.#gaps.saw(seqsOf(entries))
    this.#ahead.end(entries.at(-1)?.seq ?? after, more, surroundings.clock.monotonic() - began)
    this.#sending = [...late, ...entries].filter(entry => this.#mayBeSent(entry))
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

  /** What was committed late of the keys that are to be sent. */
  async #passed(entries: readonly OutboxEntry[], passed: Passed): Promise<readonly OutboxEntry[]> {
    const keys = new Set<string>()
    for (const entry of entries) {
      const { key } = entry.message
      if (key !== undefined && this.#mayBeSent(entry)) keys.add(key)
    }
    return keys.size === 0 ? [] : this.#parts.outbox.earlier(passed, [...keys])
  }

  /** What was committed late of what was missing up to `after`. */
  async #missing(after: number): Promise<readonly OutboxEntry[]> {
    const missing = this.#knowsGaps ? this.#gaps.before(after) : []
    if (missing.length === 0) return []
    const late = await this.#parts.outbox.some(missing)
    this.#gaps.saw(seqsOf(late))
    return late
  }

  #mayBeSent(entry: OutboxEntry): boolean {
    return !this.#confirmed.has(entry.seq) && this.#refusals.mayBeSent(entry)
  }

  #startOver(): void {
    this.#ahead.startOver()
    this.#refusals.clear()
  }

  /** Resolves with the number of those that are not in the outbox any more. */
  async #send(entries: readonly OutboxEntry[]): Promise<number> {
    const { driver, tracing, metrics } = this.#parts
    const messages = entries.map(({ message }) => message)
    const failures = await tracing.relay(messages.length, () => driver.publish(messages))
    metrics.sent(messages.length - failures.length)
    const failed = new Map(failures.map(failure => [failure.id, failure]))
    const taken = failures.length === 0 ? entries : entries.filter(({ message }) => !failed.has(message.id))
    await this.#delete(seqsOf(taken))
    if (this.#refusals.size > 0) for (const entry of taken) this.#refusals.remove(entry)
    let gone = taken.length
    for (const entry of failures.length === 0 ? [] : entries) {
      const failure = failed.get(entry.message.id)
      if (failure && (await this.#notTaken(entry, failure))) gone++
    }
    return gone
  }

  /** Resolves when more may be sent, which need not wait for the disk. */
  async #delete(seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) this.#confirmed.add(seq)
    const deleted = this.#parts.outbox.delete(seqs).then(
      () => void this.#deleted.push(...seqs),
      error => {
        // They are read and published again.
        for (const seq of seqs) this.#confirmed.delete(seq)
        this.#failure ??= { error }
        this.#loop.wake()
      },
    )
    this.#deletes.add(deleted)
    void deleted.then(() => this.#deletes.delete(deleted))
    if (this.#deletes.size >= mostDeletes) await Promise.race(this.#deletes)
  }

  #failed(error: unknown): never {
    this.#failure = undefined
    this.#startOver()
    throw error
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

function seqsOf(entries: readonly OutboxEntry[]): number[] {
  return entries.map(({ seq }) => seq)
}

/** Hands over what another configuration, whose broker did not join the database, has left in the outbox. */
export async function emptyOutbox({ database, driver, outbox }: RelayParts): Promise<void> {
  while ((await outbox.read(0, undefined, 1)).length > 0) {
    await database.run(async () => {
      const entries = await outbox.claim(batch)
      const [failure] = await driver.publish(entries.map(({ message }) => message))
      if (failure) throw failure.error
      await outbox.delete(seqsOf(entries))
    })
  }
}
