/** How far ahead jobs are claimed: what the handlers finish in this time. Longer gains nothing, and keeps jobs from other workers. */
const horizonMs = 20
/** More would make a transaction long, and gain little: what it costs to commit is spread over so many. */
const most = 2_000

/** How many jobs to claim ahead, from how long the handlers have taken. None for slow ones, and none before anything is known. */
export class Prefetch {
  readonly #concurrency: number
  #meanMs: number | undefined

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  observe(durationMs: number): void {
    // The mean of about the last sixteen.
    this.#meanMs = this.#meanMs === undefined ? durationMs : this.#meanMs + (durationMs - this.#meanMs) / 16
  }

  get size(): number {
    if (this.#meanMs === undefined) return 0
    return Math.min(most, Math.floor((this.#concurrency * horizonMs) / Math.max(this.#meanMs, 0.01)))
  }
}
