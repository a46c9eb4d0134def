import type { MessageContext } from '../ports/messages.ts'
import type { Batch } from './batch.ts'
import type { Delivery } from './driver.ts'
import type { Intake } from './intake.ts'

/** The places from which a group is delivered what one custody takes over. Deliveries of several of them may share a unit of work. */
export class Intakes<D extends Delivery = Delivery> {
  readonly #batch: Batch<D>
  readonly #batchSize: number
  /** The one from which nothing was taken for the longest time comes first. */
  readonly #intakes = new Set<Intake<D>>()

  constructor(batch: Batch<D>, batchSize: number) {
    this.#batch = batch
    this.#batchSize = batchSize
  }

  add(intake: Intake<D>): void {
    this.#intakes.add(intake)
  }

  remove(intake: Intake<D>): void {
    this.#intakes.delete(intake)
  }

  /** Begins what is ready, up to a batch; `undefined`: there is nothing. Resolves when all of it has ended. */
  begin(context: MessageContext): Promise<void> | undefined {
    const origins = new Map<D, Intake<D>>()
    for (const intake of [...this.#intakes]) {
      if (origins.size === this.#batchSize) break
      const taken = intake.take(this.#batchSize - origins.size)
      if (taken.length === 0) continue
      for (const delivery of taken) origins.set(delivery, intake)
      this.#intakes.delete(intake)
      this.#intakes.add(intake)
    }
    if (origins.size === 0) return undefined
    return this.#batch.handle([...origins.keys()], context, (delivery, outcome) =>
      origins.get(delivery)!.ended(delivery, outcome),
    )
  }
}
