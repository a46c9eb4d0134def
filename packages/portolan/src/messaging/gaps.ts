import type { Clock } from '../ports/time.ts'

/** How long a number is looked for, in ms; what is committed even later is found by scans. */
const patienceMs = 10_000
/** So many at a time are looked for one by one. */
const most = 1_000
/** How many numbers before the first one that was read may be those of transactions in progress. */
const beforeFirst = 100

/**
 * The numbers that were missing when what follows them was read: of transactions that may be committed late, and of some that never
 * will be. Where a table is read whole, and its numbers are given out without holes, nothing else can turn up among what was passed.
 */
export class Gaps {
  readonly #clock: Clock
  /** Each with the moment at which it was missed, oldest first. */
  readonly #missing = new Map<number, number>()
  #upTo: number | undefined
  #unknownUntil = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** They are all known. Otherwise there were too many: whoever reads has to look back at everything. */
  get known(): boolean {
    return this.#clock.monotonic() >= this.#unknownUntil
  }

  /** What to look for before anything that follows `number` is sent. */
  before(number: number): number[] {
    const since = this.#clock.monotonic() - patienceMs
    for (const [missing, missed] of this.#missing) {
      if (missed > since) break
      this.#missing.delete(missing)
    }
    return [...this.#missing.keys()].filter(missing => missing <= number)
  }

  /** These were read, in order, and there was nothing between them. */
  saw(numbers: readonly number[]): void {
    const now = this.#clock.monotonic()
    for (const number of numbers) {
      this.#upTo ??= Math.max(0, number - beforeFirst - 1)
      if (number <= this.#upTo) {
        this.#missing.delete(number)
        continue
      }
      if (number - this.#upTo - 1 + this.#missing.size > most) {
        this.#missing.clear()
        this.#unknownUntil = now + patienceMs
      } else {
        for (let missing = this.#upTo + 1; missing < number; missing++) this.#missing.set(missing, now)
      }
      this.#upTo = number
    }
  }

  /** Nothing is known of what was read before. */
  clear(): void {
    this.#missing.clear()
    this.#upTo = undefined
    this.#unknownUntil = -Infinity
  }
}
