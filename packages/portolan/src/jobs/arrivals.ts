import type { Clock } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { JobCapabilities } from './capabilities.ts'
import type { NewJob } from './driver.ts'
import type { EnqueuerHost } from './enqueuer.ts'
import type { Exchanges } from './exchanges.ts'
import type { Lanes } from './lanes.ts'
import type { JobMetrics } from './metrics.ts'

/** What arrivals need of the worker of their process. */
export interface ArrivalsHost {
  /** Whether it takes jobs. */
  readonly isOpen: boolean
  /** Begins what is in the lanes, as far as there is room. */
  begin(): void
  /** Has the store asked for what is due in so many milliseconds, or sooner. */
  lookWithin(delayMs: number): void
  wake(): void
}

/** What they stand on. */
export interface ArrivalsOptions {
  readonly metrics: JobMetrics
  readonly surroundings: Surroundings
  readonly capabilities: JobCapabilities
}

/** What this process enqueues, as its own worker gets to know of it: without a look at the store, and as early as can be. */
export class Arrivals implements EnqueuerHost {
  readonly #lanes: Lanes
  readonly #exchanges: Exchanges
  readonly #metrics: JobMetrics
  readonly #clock: Clock
  readonly #oneWriter: boolean
  readonly #host: ArrivalsHost

  constructor(lanes: Lanes, exchanges: Exchanges, options: ArrivalsOptions, host: ArrivalsHost) {
    const { metrics, surroundings, capabilities } = options
    this.#lanes = lanes
    this.#exchanges = exchanges
    this.#metrics = metrics
    this.#clock = surroundings.clock
    this.#oneWriter = capabilities.transactions && !capabilities.concurrentTransactions
    this.#host = host
  }

  claiming(jobs: readonly NewJob[]): Promise<readonly string[]> | undefined {
    if (!this.#host.isOpen) return undefined
    return this.#exchanges
      .insert(jobs)
      ?.then(ids => {
        for (const { queue } of jobs) this.#metrics.sent(queue)
        this.#host.begin()
        return ids
      })
      .finally(() => this.#host.wake())
  }

  /**
   * Where all share one writer, what claims them goes with the same commit: they begin after one wait for the disk instead of two.
   * Elsewhere a claim would not see them yet.
   */
  storing(queues: readonly string[]): void {
    if (!this.#oneWriter) return
    this.#lanes.setHungry(queues, true)
    this.#host.wake()
  }

  stored(jobs: readonly NewJob[]): void {
    for (const { queue, runAt, delayMs } of jobs) {
      this.#metrics.sent(queue)
      const lane = this.#lanes.get(queue)
      if (!lane) continue
      const inMs = delayMs + (runAt === undefined ? 0 : runAt - this.#clock.now())
      if (inMs > 0) this.#host.lookWithin(inMs)
      else lane.hungry = true
    }
    this.#host.wake()
  }
}
