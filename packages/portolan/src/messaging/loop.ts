import type { Surroundings } from '../runtime/surroundings.ts'
import { Complaints } from './complaints.ts'

/** Milliseconds between two looks: the least, right after there was work, and the most, when there has been none. */
export interface Pace {
  readonly least: number
  readonly most: number
}

export const adaptive: Pace = { least: 10, most: 1_000 }
/** Milliseconds after a failure; doubled for each further one. */
const afterFailure = 100
const mostAfterFailure = 5_000

/**
 * Looks for work again and again, at an adaptive pace, until it is stopped. A step that fails is logged (a line a period) and
 * holds the loop up for a while, wake-ups included: it is the circuit breaker of what the step calls.
 */
export class Loop {
  readonly #surroundings: Surroundings
  readonly #what: string
  readonly #step: () => Promise<number>
  readonly #pace: Pace
  readonly #complaints: Complaints
  #running: Promise<void> | undefined
  #stopped = false
  #pause: number
  #failures = 0
  #woken = false
  /** While it waits: when that ends, on the monotonic clock, and what ends it. */
  #until = 0
  #resume: (() => void) | undefined

  /**
   * `step` resolves with the milliseconds after which there may be work: 0 for at once, `Infinity` when nobody knows. `what` ends
   * the sentence "Failed to …" in the log.
   */
  constructor(surroundings: Surroundings, what: string, step: () => Promise<number>, pace = adaptive) {
    this.#surroundings = surroundings
    this.#what = what
    this.#step = step
    this.#pace = pace
    this.#pause = pace.least
    this.#complaints = new Complaints(surroundings)
  }

  /** Whether the last step succeeded. */
  get healthy(): boolean {
    return this.#failures === 0
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** There is work. */
  wake(): void {
    this.#pause = this.#pace.least
    if (this.#failures > 0) return
    if (this.#resume) this.#resume()
    else this.#woken = true
  }

  /** There may be work soon: looks at the quickest pace again. */
  hurry(): void {
    const { least } = this.#pace
    if (this.#pause === least) return
    this.#pause = least
    if (this.#failures > 0 || !this.#resume) return
    if (this.#until - this.#surroundings.clock.monotonic() > least) this.#resume()
  }

  /** Resolves when the step in progress has ended. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#resume?.()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const idle = await this.#step()
        this.#failures = 0
        if (idle > 0) await this.#idle(idle)
        else this.#pause = this.#pace.least
      } catch (error) {
        const pause = Math.min(mostAfterFailure, afterFailure * 2 ** this.#failures++)
        this.#complaints.warn(`Failed to ${this.#what}; trying again.`, { error, pauseMs: pause })
        await this.#wait(pause)
      }
    }
  }

  async #idle(limit: number): Promise<void> {
    const pause = this.#pause
    this.#pause = Math.min(this.#pace.most, pause * 2)
    await this.#wait(Math.min(pause, limit))
  }

  #wait(delayMs: number): Promise<void> {
    if (this.#stopped || (this.#woken && this.#failures === 0)) {
      this.#woken = false
      return Promise.resolve()
    }
    const { clock } = this.#surroundings
    return new Promise(resolve => {
      this.#until = clock.monotonic() + delayMs
      this.#resume = () => {
        timer.cancel()
        this.#resume = undefined
        resolve()
      }
      const timer = clock.timer(delayMs, this.#resume)
    })
  }
}
