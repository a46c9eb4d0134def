import type { Surroundings } from '../runtime/surroundings.ts'
import type { Intake } from './intake.ts'
import { Loop } from './loop.ts'
import type { Claim, ShardUser } from './owned-shards.ts'
import type { Ownership } from './ownership.ts'

/** What takes in the deliveries of a partition. */
export interface PartitionIntake {
  open(partition: number, owns: () => boolean): Promise<Intake>
  /** It begins nothing any more. */
  closed(intake: Intake): void
  /** As of a `ShardUser`. */
  tookOver(): void
}

/**
 * The partitions of a broker's group that this process consumes, as the leases in the database share them out. One that changes
 * hands is first closed, when its handlers have ended; from one that does not answer it is taken when its lease ends.
 */
export class Partitions implements ShardUser {
  readonly #group: string
  readonly #count: number
  readonly #ownership: Ownership
  readonly #intake: PartitionIntake
  readonly #loop: Loop
  readonly #intakes = new Map<number, Intake>()
  readonly #closing = new Map<number, Promise<void>>()
  #claim: Claim | undefined

  constructor(
    group: string,
    count: number,
    ownership: Ownership,
    surroundings: Surroundings,
    intake: PartitionIntake,
  ) {
    this.#group = group
    this.#count = count
    this.#ownership = ownership
    this.#intake = intake
    this.#loop = new Loop(surroundings, `consume the partitions of group '${group}'`, () => this.#step())
  }

  get healthy(): boolean {
    return this.#loop.healthy
  }

  async start(): Promise<void> {
    this.#claim = await this.#ownership.join(this.#scope, this, this.#count)
    this.#loop.start()
  }

  busy(partition: number): boolean {
    return this.#intakes.has(partition) || this.#closing.has(partition)
  }

  tookOver(): void {
    this.#intake.tookOver()
  }

  changed(): void {
    this.#loop.wake()
  }

  /** Takes nothing more. */
  async stop(): Promise<void> {
    await this.#loop.stop()
    await Promise.all([...this.#intakes.values()].map(intake => intake.stop()))
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#intakes.values()].map(intake => intake.idle()))
  }

  /** Lets others have them. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#intakes.values()].map(intake => intake.close()))
    await this.#ownership.leave(this.#scope)
  }

  get #scope(): string {
    return `partition:${this.#group}`
  }

  async #step(): Promise<number> {
    const owned = new Set(this.#claim?.shards() ?? Array(this.#count).keys())
    for (const [partition, intake] of this.#intakes)
      if (!owned.has(partition)) this.#giveUp(partition, intake)
    for (const partition of owned) {
      if (this.busy(partition)) continue
      this.#intakes.set(
        partition,
        await this.#intake.open(partition, () => this.#claim?.owns(partition) ?? false),
      )
    }
    return Infinity
  }

  #giveUp(partition: number, intake: Intake): void {
    this.#intakes.delete(partition)
    const closed = async () => {
      try {
        await intake.stop()
        await intake.idle()
      } finally {
        this.#intake.closed(intake)
        await intake.close()
      }
    }
    const closing = closed()
      // It ends with the connection at the latest.
      .catch(() => {})
      .then(() => {
        this.#closing.delete(partition)
        this.#loop.wake()
      })
    this.#closing.set(partition, closing)
  }
}
