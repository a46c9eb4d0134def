import type { Clock, Timer } from '../ports/time.ts'

/** One wait: give it to `end` when it is over. */
export interface Wait {
  readonly until: number
  readonly late: () => void
  earlier: Wait | undefined
  later: Wait | undefined
}

/** Milliseconds. A timer that is so late tells that the process was held up. */
const heldUp = 20

/**
 * Many waits with the same limit, on one timer: a timer for each cost more than what was waited for.
 *
 * They are a list, in the order in which they began, which is that in which they are late. Not a `Set`, for the reason that `TransientMap` gives: of
 * the time of a hit over Redis, a fifth went into the collection of garbage.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #limitMs: number
  #first: Wait | undefined
  #last: Wait | undefined
  #timer: Timer | undefined

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  /** Calls `late` after the limit, unless it was ended before. */
  begin(late: () => void): Wait {
    const until = this.#clock.monotonic() + this.#limitMs
    const wait: Wait = { until, late, earlier: this.#last, later: undefined }
    if (this.#last) this.#last.later = wait
    else this.#first = wait
    this.#last = wait
    this.#timer ??= this.#clock.timer(this.#limitMs, () => this.#look())
    return wait
  }

  /** Idempotent. */
  end(wait: Wait): void {
    const { earlier, later } = wait
    if (!earlier && this.#first !== wait) return
    if (earlier) earlier.later = later
    else this.#first = later
    if (later) later.earlier = earlier
    else this.#last = earlier
    // So that it keeps no other alive.
    wait.earlier = wait.later = undefined
  }

  /** Also while nothing is waited for it may be due once more; then it stops. */
  #look(again = false): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    // What has arrived while the process was held up is read between two timers, and is not late.
    if (!again && this.#first && now - this.#first.until > heldUp) {
      this.#timer = this.#clock.timer(0, () => this.#look(true))
      return
    }
    for (let wait = this.#first; wait; wait = this.#first) {
      const left = wait.until - now
      if (left > 0) {
        this.#timer = this.#clock.timer(left, () => this.#look())
        return
      }
      this.end(wait)
      wait.late()
    }
  }
}
