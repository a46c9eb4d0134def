import type { Database } from '../persistence/database.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Consumer } from './consumer.ts'
import type { Crossing } from './crossing.ts'
import type { BrokerDriver } from './driver.ts'
import type { HandlingParts } from './handling.ts'
import { Loop } from './loop.ts'
import { type PausedGroup, Pauses } from './pauses.ts'
import type { Group } from './subscriptions.ts'

/** Milliseconds between two looks at what was paused or resumed elsewhere. */
const lookEveryMs = 500

/** The groups that this process consumes for, and who of them does nothing. */
export class Groups {
  readonly #database: Database
  readonly #pauses: Pauses
  readonly #watch: Loop
  readonly #consumers: Consumer[] = []

  constructor(database: Database, surroundings: Surroundings) {
    this.#database = database
    this.#pauses = new Pauses(database, surroundings.clock)
    this.#watch = new Loop(surroundings, 'see which groups are paused', () => this.#follow(), {
      least: lookEveryMs,
      most: lookEveryMs,
    })
  }

  /** Why something of them does not run; `undefined`: it does. */
  get trouble(): string | undefined {
    if (!this.#consumers.every(consumer => consumer.healthy))
      return 'Reading what waits for a group fails; see the log.'
    return this.#watch.healthy ? undefined : 'It cannot be seen which groups are paused; see the log.'
  }

  /** Each with whether it is paused, as far as this process knows. */
  get standing(): ReadonlyMap<string, boolean> {
    return new Map(this.#consumers.map(({ name, paused }) => [name, paused]))
  }

  async start(
    groups: readonly Group[],
    driver: BrokerDriver,
    crossing: Crossing | undefined,
    parts: HandlingParts,
  ): Promise<void> {
    const paused = new Set((await this.paused()).map(({ group }) => group))
    for (const group of groups) {
      const consumer = new Consumer(group, driver, crossing, parts)
      this.#consumers.push(consumer)
      await consumer.start(paused.has(group.name))
    }
    if (groups.length > 0) this.#watch.start()
  }

  async drain(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#consumers.map(consumer => consumer.drain(signal)))
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  paused(): Promise<PausedGroup[]> {
    return this.#pauses.list()
  }

  pause(group: string): Promise<void> {
    return this.#change(() => this.#pauses.add(group))
  }

  resume(group: string): Promise<void> {
    return this.#change(() => this.#pauses.remove(group))
  }

  #change(change: () => Promise<void>): Promise<void> {
    return this.#database.run(async () => {
      await change()
      this.#database.afterCommit(() => this.#watch.wake())
    })
  }

  async #follow(): Promise<number> {
    const paused = new Set((await this.paused()).map(({ group }) => group))
    // Not waited for: one whose broker is away must not hold up the others.
    for (const consumer of this.#consumers) void consumer.follow(paused.has(consumer.name))
    return Infinity
  }
}
