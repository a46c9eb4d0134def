import type { Clock, Timer } from '../ports/time.ts'
import type { Attempt } from './attempt.ts'

/** Watches over attempts of a type. All have the same timeout, so the oldest is the next to expire, and one timer is enough. */
export class Deadlines {
  readonly #clock: Clock
  /** Those that run, in the order in which they began. */
  readonly #running: Iterable<Attempt>
  readonly #expired: (attempt: Attempt) => void
  #timer: Timer | undefined

  constructor(clock: Clock, running: Iterable<Attempt>, expired: (attempt: Attempt) => void) {
    this.#clock = clock
    this.#running = running
    this.#expired = expired
  }

  /** To be called when an attempt has begun. */
  watch(): void {
    if (this.#timer) return
    for (const { interruption, deadline } of this.#running) {
      if (interruption !== undefined) continue
      this.#timer = this.#clock.timer(Math.max(1, deadline - this.#clock.monotonic()), () => {
        this.#timer = undefined
        this.#expire()
        this.watch()
      })
      return
    }
  }

  #expire(): void {
    const now = this.#clock.monotonic()
    for (const attempt of this.#running) {
      if (attempt.deadline > now) return
      this.#expired(attempt)
    }
  }
}
