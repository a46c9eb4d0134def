import type { Clock, Timer } from '../ports/time.ts'

/** One wait: give it to `end` when it is over. */
export interface Wait {
  readonly until: number
  readonly late: () => void
}

/** Many waits with the same limit, on one timer: a timer for each cost more than what was waited for. */
export class Deadlines {
  readonly #clock: Clock
  readonly #limitMs: number
  /** In the order in which they began, which is that in which they are late. */
  readonly #waits = new Set<Wait>()
  #timer: Timer | undefined

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  /** Calls `late` after the limit, unless it was ended before. */
  begin(late: () => void): Wait {
    const wait = { until: this.#clock.monotonic() + this.#limitMs, late }
    this.#waits.add(wait)
    this.#timer ??= this.#clock.timer(this.#limitMs, () => this.#look())
    return wait
  }

  end(wait: Wait): void {
    this.#waits.delete(wait)
  }

  /** Also while nothing is waited for it may be due once more; then it stops. */
  #look(): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    for (const wait of this.#waits) {
      const left = wait.until - now
      if (left > 0) {
        this.#timer = this.#clock.timer(left, () => this.#look())
        return
      }
      this.#waits.delete(wait)
      wait.late()
    }
  }
}
