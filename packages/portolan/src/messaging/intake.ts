import type { Custody, Outcome } from './custody.ts'
import type { Consumption, Delivery } from './driver.ts'
import { Lanes } from './lanes.ts'

/** What is delivered to a group from one place, until it is handled: of a key, one at a time and in order. */
export class Intake<D extends Delivery = Delivery> {
  readonly #custody: Custody<D>
  readonly #ready: () => void
  readonly #lanes = new Lanes<D>()
  #consumption: Consumption | undefined
  #active = 0
  #stopped = false
  /** Those who wait for the handlers in progress. */
  readonly #idle: (() => void)[] = []

  /** `ready` is called when there may be something to begin. */
  constructor(custody: Custody<D>, ready: () => void) {
    this.#custody = custody
    this.#ready = ready
  }

  /** `consume` makes what delivers to it. */
  async start(consume: (deliver: (delivery: D) => void) => Promise<Consumption>): Promise<void> {
    this.#consumption = await consume(delivery => this.#add(delivery))
  }

  /** Up to `limit` whose turn it is, of different keys: each is in progress until it has `ended`. */
  take(limit: number): readonly D[] {
    const deliveries = this.#stopped ? [] : this.#lanes.take(limit)
    this.#active += deliveries.length
    return deliveries
  }

  ended(delivery: D, outcome: Outcome): void {
    if (outcome === 'settled') this.#lanes.done(delivery)
    else for (const follower of this.#lanes.evict(delivery)) this.#custody.release(follower)
    if (--this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Takes nothing more, and gives back what no handler has begun. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#consumption?.stop()
    for (const delivery of this.#lanes.clear()) this.#custody.release(delivery)
  }

  /** Resolves when no handler is in progress. */
  async idle(): Promise<void> {
    if (this.#active > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#consumption?.close()
  }

  #add(delivery: D): void {
    if (this.#stopped) {
      this.#custody.release(delivery)
      return
    }
    this.#lanes.add(delivery)
    this.#ready()
  }
}
