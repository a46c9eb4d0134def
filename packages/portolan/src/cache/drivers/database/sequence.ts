import type { Clock } from '../../../ports/time.ts'

/** A number that was passed over is looked for so long, and so many at once: its commit may come later than that of a higher one. */
const patienceMs = 5_000
const mostMissing = 200

/** Which of the messages, whose numbers ascend but are committed in any order, have been seen. */
export class Sequence {
  readonly #clock: Clock
  readonly #missing = new Map<number, number>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The highest that was seen. */
  get last(): number {
    return this.#last
  }

  /** Those below it that have not been seen and may still come. */
  get missing(): readonly number[] {
    const oldest = this.#clock.monotonic() - patienceMs
    for (const [id, since] of this.#missing) {
      if (since >= oldest && this.#missing.size <= mostMissing) break
      this.#missing.delete(id)
    }
    return [...this.#missing.keys()]
  }

  /** From now on, what is higher than that. Some below it are seen again, which does no harm, as others among them may not be committed yet. */
  begin(last: number): void {
    this.#last = Math.max(0, last - mostMissing / 2)
    this.#missing.clear()
  }

  saw(id: number): void {
    this.#missing.delete(id)
    if (id <= this.#last) return
    const now = this.#clock.monotonic()
    for (let passed = Math.max(this.#last + 1, id - mostMissing); passed < id; passed++)
      this.#missing.set(passed, now)
    this.#last = id
  }
}
