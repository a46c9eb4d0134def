import { abortable } from '../runtime/abortable.ts'
import { Batch } from './batch.ts'
import type { Custody } from './custody.ts'
import type { BrokerDriver, Consumption, Delivery } from './driver.ts'
import { Handling, type HandlingParts } from './handling.ts'
import type { Inbox } from './inbox.ts'
import { Intake } from './intake.ts'
import { Intakes } from './intakes.ts'
import type { Ownership } from './ownership.ts'
import { Partitions } from './partitions.ts'
import { Received } from './received.ts'
import type { Retries } from './retries.ts'
import { rows } from './stored/rows.ts'
import type { Group } from './subscriptions.ts'
import { Watch } from './suspects.ts'

/** Deliveries in hand for each handler that may run: enough that none waits for the next read. */
const prefetchFactor = 4
const leastPrefetch = 64

/** What a consumer needs where the broker does not join the database. */
export interface Bridge {
  readonly inbox: Inbox
  readonly retries: Retries
  readonly ownership: Ownership
}

/** Where deliveries come from: an intake, or the partitions with an intake each. */
interface Source {
  stop(): Promise<void>
  idle(): Promise<void>
  close(): Promise<void>
}

/** One group in this process: takes deliveries, and has them handled with bounded concurrency and one at a time for a key. */
export class Consumer {
  readonly #group: Group
  readonly #driver: BrokerDriver
  readonly #bridge: Bridge | undefined
  readonly #parts: HandlingParts
  readonly #watch = new Watch()
  readonly #sources: Source[] = []
  #intakes: Intakes[] = []
  readonly #abort = new AbortController()
  readonly #context = { signal: this.#abort.signal }
  #partitions: Partitions | undefined
  #active = 0
  #draining = false
  #paused = false
  /** Whether there are sources. */
  #supplied = false
  #turning: Promise<void> | undefined
  #stuck = false
  /** About to begin what was delivered. */
  #soon = false

  constructor(group: Group, driver: BrokerDriver, bridge: Bridge | undefined, parts: HandlingParts) {
    this.#group = group
    this.#driver = driver
    this.#bridge = bridge
    this.#parts = parts
  }

  get name(): string {
    return this.#group.name
  }

  get healthy(): boolean {
    return !this.#stuck && (this.#partitions?.healthy ?? true)
  }

  /** Begins nothing. */
  get paused(): boolean {
    return this.#paused
  }

  async start(paused: boolean): Promise<void> {
    this.#paused = paused
    if (!paused) await this.#supply()
  }

  /**
   * Begins nothing more while it is `paused`: what is in hand ends, and then all the rest is given back, so that the broker keeps it.
   * Afterwards it begins where it stopped. What fails is tried again by the next call. Resolves when it has come as far as it can now.
   */
  async follow(paused: boolean): Promise<void> {
    this.#paused = paused
    if (!paused) this.#begin()
    await this.#turn()
  }

  /**
   * Takes nothing more, gives back what no handler has begun, and resolves when those in progress have ended. When `signal` aborts,
   * so does theirs, and they are not waited for any longer. Idempotent.
   */
  async drain(signal: AbortSignal): Promise<void> {
    this.#draining = true
    await abortable(this.#turning ?? Promise.resolve(), signal).catch(() => {})
    await Promise.all(this.#sources.map(source => source.stop()))
    if (!signal.aborted) {
      const aborted = Promise.withResolvers<void>()
      const abort = () => aborted.resolve()
      signal.addEventListener('abort', abort, { once: true })
      await Promise.race([Promise.all(this.#sources.map(source => source.idle())), aborted.promise])
      signal.removeEventListener('abort', abort)
    }
    this.#abort.abort(signal.reason)
    await Promise.all(this.#sources.map(source => source.close()))
  }

  #turn(): Promise<void> {
    this.#turning ??= this.#turnTo().finally(() => {
      this.#turning = undefined
    })
    return this.#turning
  }

  async #turnTo(): Promise<void> {
    try {
      while (!this.#draining && this.#supplied === this.#paused) {
        if (!this.#paused) await this.#supply()
        // The last of those in hand comes back here.
        else if (this.#active > 0) return
        else await this.#withdraw()
      }
      // It was drained meanwhile, without waiting for this.
      if (this.#abort.signal.aborted) await this.#withdraw()
      this.#stuck = false
    } catch (error) {
      this.#stuck = true
      const { complaints } = this.#parts
      complaints.warn('A group could not be paused or resumed; trying again.', { group: this.name, error })
    }
  }

  async #supply(): Promise<void> {
    this.#supplied = true
    try {
      if (this.#bridge) {
        await this.#startRetries(this.#bridge)
        await this.#startReceiving(this.#bridge)
      } else await this.#startJoined()
    } catch (error) {
      await this.#withdraw()
      throw error
    }
  }

  async #withdraw(): Promise<void> {
    this.#supplied = false
    const sources = this.#sources.splice(0)
    await Promise.all(sources.map(source => source.stop()))
    await Promise.all(sources.map(source => source.idle()))
    await Promise.all(sources.map(source => source.close()))
    this.#intakes = []
    this.#partitions = undefined
  }

  async #startJoined(): Promise<void> {
    const intake = this.#intake(rows, this.#intakesOf(rows))
    this.#sources.push(intake)
    // A broker that joins the database delivers rows alone.
    await intake.start(deliver => this.#consume(undefined, always, deliver as (delivery: Delivery) => void))
  }

  async #startRetries({ retries }: Bridge): Promise<void> {
    const intake = this.#intake(rows, this.#intakesOf(rows))
    this.#sources.push(intake)
    await intake.start(deliver => retries.consume({ ...this.#request(), deliver }))
  }

  async #startReceiving({ inbox, retries, ownership }: Bridge): Promise<void> {
    const { name } = this.#group
    const custody = new Received(name, this.#parts.database, inbox, retries)
    const intakes = this.#intakesOf(custody)
    const open = async (partition: number | undefined, owns: () => boolean) => {
      const intake = this.#intake(custody, intakes)
      await intake.start(deliver => this.#consume(partition, owns, deliver))
      return intake
    }
    const { partitions: count } = this.#driver
    if (count === undefined) {
      this.#sources.push(await open(undefined, always))
      return
    }
    const closed = (intake: Intake) => intakes.remove(intake)
    this.#partitions = new Partitions(name, count, ownership, this.#parts.surroundings, {
      ...{ open, closed, tookOver: () => this.#watch.begin() },
    })
    this.#sources.push(this.#partitions)
    await this.#partitions.start()
  }

  #intakesOf<D extends Delivery>(custody: Custody<D>): Intakes<D> {
    const handling = new Handling(this.#group, custody, this.#watch, this.#parts)
    const batch = new Batch(handling, custody, this.#watch, this.#parts)
    const intakes = new Intakes(batch, this.#group.batchSize)
    this.#intakes.push(intakes as unknown as Intakes)
    return intakes
  }

  #intake<D extends Delivery>(custody: Custody<D>, intakes: Intakes<D>): Intake<D> {
    const intake = new Intake(custody, () => this.#beginSoon())
    intakes.add(intake)
    return intake
  }

  /** While sources are being withdrawn, whatever began in one of them would hold up the resumption until it ends. */
  get #mayBegin(): boolean {
    return this.#supplied && !this.#paused && !this.#draining && this.#active < this.#group.concurrency
  }

  #consume(
    partition: number | undefined,
    owns: () => boolean,
    deliver: (delivery: Delivery) => void,
  ): Promise<Consumption> {
    return this.#driver.consume({ ...this.#request(), partition, owns, deliver })
  }

  #request() {
    const { name: group, subscriptions, concurrency } = this.#group
    const prefetch = Math.max(leastPrefetch, concurrency * prefetchFactor)
    return { group, topics: [...subscriptions.keys()], prefetch, tookOver: () => this.#watch.begin() }
  }

  /** What is delivered in one go may share a unit of work. */
  #beginSoon(): void {
    if (this.#soon) return
    this.#soon = true
    queueMicrotask(() => {
      this.#soon = false
      this.#begin()
    })
  }

  /** From each place in turn, as long as handlers may begin. */
  #begin(): void {
    for (let begun = true; begun; ) {
      begun = false
      for (const intakes of this.#intakes) {
        if (!this.#mayBegin) return
        const handled = intakes.begin(this.#context)
        if (!handled) continue
        begun = true
        this.#active++
        void handled.then(() => {
          this.#active--
          this.#begin()
          if (this.#paused && this.#active === 0) void this.#turn()
        })
      }
    }
  }
}

const always = () => true
