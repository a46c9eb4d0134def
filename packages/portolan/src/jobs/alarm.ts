import type { Clock, Timer } from '../ports/time.ts'

/** One timer for many wishes: it rings at the earliest of them, once. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: Timer | undefined
  #at = 0

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  within(delayMs: number): void {
    const at = this.#clock.monotonic() + delayMs
    if (this.#timer) {
      if (this.#at <= at) return
      this.#timer.cancel()
    }
    this.#at = at
    this.#timer = this.#clock.timer(delayMs, () => {
      this.#timer = undefined
      this.#ring()
    })
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
