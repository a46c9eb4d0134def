import { InfrastructureError } from '../ports/errors.ts'
import type { MessageContext } from '../ports/messages.ts'
import type { Custody, Outcome } from './custody.ts'
import type { Delivery } from './driver.ts'
import { type Handling, type HandlingParts, type Prepared, takenElsewhere } from './handling.ts'
import type { HandledOutcome } from './metrics.ts'
import type { Watch } from './suspects.ts'

/** Milliseconds after which a unit of work begins no further handler: what it has locked waits for its end. */
const longestMs = 50
/** After a handler has failed in one: in so many units of work, each handler has a savepoint. */
const carefulUnits = 64

/** Told what became of each delivery. */
export type Settled<D> = (delivery: D, outcome: Outcome) => void

/** A delivery whose handler has run, or failed, in a unit of work that others share. */
interface Run<D> extends Prepared<D> {
  readonly ended: (outcome: HandledOutcome) => void
}

/**
 * Handles deliveries of different keys, several in one unit of work, so that they share its commit. Each takes effect once, and fails
 * alone: when a handler fails, nothing of the unit has happened, and all of it is handled again, each handler in a savepoint; so is what
 * comes next, as failures seldom come alone. When the unit does not commit, or one of them was taken elsewhere, each is handled in a unit
 * of its own.
 */
export class Batch<D extends Delivery> {
  readonly #handling: Handling<D>
  readonly #custody: Custody<D>
  readonly #watch: Watch
  readonly #parts: HandlingParts
  /** Units of work in which each handler has a savepoint. */
  #careful = 0

  constructor(handling: Handling<D>, custody: Custody<D>, watch: Watch, parts: HandlingParts) {
    this.#handling = handling
    this.#custody = custody
    this.#watch = watch
    this.#parts = parts
  }

  /** Until all are settled, or the application stops. Never rejects. */
  async handle(deliveries: readonly D[], context: MessageContext, settled: Settled<D>): Promise<void> {
    const { signal } = context
    const { together, alone } = await this.#sorted(deliveries)
    while (together.length > 1 && !signal.aborted)
      alone.push(...(await this.#handleTogether(together, context, settled)))
    alone.push(...together.map(({ task }) => task.delivery))
    for (const delivery of alone) {
      if (signal.aborted) this.#custody.release(delivery)
      settled(delivery, signal.aborted ? 'again' : await this.#handling.handle(delivery, context))
    }
  }

  /** What is watched, cannot be handled or is not to be handled any more goes its way alone. */
  async #sorted(deliveries: readonly D[]): Promise<{ together: Prepared<D>[]; alone: D[] }> {
    const nothing = { together: [], alone: [...deliveries] }
    if (deliveries.length === 1 || this.#watch.watching) return nothing
    try {
      const prepared = await Promise.all(deliveries.map(delivery => this.#handling.prepare(delivery)))
      return {
        together: prepared.filter(each => each !== undefined),
        alone: deliveries.filter((_, at) => prepared[at] === undefined),
      }
    } catch {
      // Each of them tells by itself.
      return nothing
    }
  }

  /** Takes from `queue` what it begins. Resolves with what is to be handled alone. */
  async #handleTogether(
    queue: Prepared<D>[],
    context: MessageContext,
    settled: Settled<D>,
  ): Promise<readonly D[]> {
    const handled: Run<D>[] = []
    const failed: (Run<D> & { readonly error: unknown })[] = []
    const { database, surroundings } = this.#parts
    const until = surroundings.clock.monotonic() + longestMs
    const careful = this.#careful > 0
    if (careful) this.#careful--
    const unit = async () => {
      do {
        const prepared = queue.shift()!
        const run = { ...prepared, ended: this.#handling.begins(prepared) }
        try {
          const handle = () => this.#handling.run(prepared, context)
          await (careful ? database.run(handle, { propagation: 'nested' }) : handle())
          handled.push(run)
        } catch (error) {
          failed.push({ ...run, error })
          // For what asks for another, an engine may have given up the whole transaction.
          if (!careful || asksForAnother(error)) throw error
        }
      } while (queue.length > 0 && !context.signal.aborted && surroundings.clock.monotonic() < until)
      if (!(await this.#custody.take(handled.map(({ task }) => task.delivery)))) throw takenElsewhere
    }
    try {
      await database.run(unit, { attempts: 1 })
    } catch {
      const [failure] = failed
      if (!careful && failure && !asksForAnother(failure.error)) {
        this.#careful = carefulUnits
        queue.unshift(...handled, ...failed)
        return []
      }
      // Each of them tells by itself.
      return [...handled, ...failed].map(({ task }) => task.delivery)
    }
    const unsettled: D[] = []
    const settle = async ({ task: { delivery } }: Run<D>, outcome: () => Promise<Outcome>) => {
      try {
        settled(delivery, await outcome())
      } catch {
        unsettled.push(delivery)
      }
    }
    for (const run of handled)
      await settle(run, async () => {
        run.ended('handled')
        await run.task.delivery.ack()
        return 'settled'
      })
    for (const run of failed)
      await settle(run, () => this.#handling.failed(run, run.error, context, run.ended))
    return unsettled
  }
}

/** Whether the same might succeed in another transaction. */
function asksForAnother(error: unknown): boolean {
  return InfrastructureError.is(error) && (error.retry === 'now' || asksForAnother(error.cause))
}
