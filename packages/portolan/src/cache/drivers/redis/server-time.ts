import type { Clock } from '../../../ports/time.ts'

/** A sample older than that is taken again. */
const goodForMs = 30_000

/** The server's time without asking for it each time: the last answer that held it, and what has passed since on the monotonic clock. */
export class ServerTime {
  readonly #clock: Clock
  #offset = 0
  #sampledAt = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether it is worth asking. */
  get old(): boolean {
    return this.#clock.monotonic() - this.#sampledAt > goodForMs
  }

  /** Takes the server's time in microseconds from an answer to what was sent at `sentAt`: rather late, so that what is kept ends rather early. */
  learn(micros: number, sentAt: number): void {
    this.#offset = micros / 1_000 - sentAt
    this.#sampledAt = this.#clock.monotonic()
  }

  /** How long ago that was, in milliseconds. */
  since(micros: number): number {
    return Math.max(0, this.#clock.monotonic() + this.#offset - micros / 1_000)
  }
}
