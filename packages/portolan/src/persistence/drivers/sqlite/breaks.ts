/** Milliseconds of writing without a break until there is one. A hundredth of the time is for others. */
const longestMs = 200
/** Milliseconds that a break takes. */
export const breakMs = 2
/** Less between two transactions is no break. */
const leastMs = 1

/**
 * When a process under load lets others write. SQLite has no queue for its lock: others look again and again whether it is free, and
 * one transaction right after the other would never let them find it so.
 */
export class Breaks {
  #since = -Infinity
  #ended = -Infinity

  /** A transaction begins. Times are of the monotonic clock. */
  began(now: number): void {
    if (now - this.#ended >= leastMs) this.#since = now
  }

  ended(now: number): void {
    this.#ended = now
  }

  /** Whether it has been writing for so long that no more should join the transaction in progress. */
  isLong(now: number): boolean {
    return now - this.#since > longestMs
  }

  /** Whether the next transaction should wait for `breakMs`. */
  isDue(now: number): boolean {
    return this.isLong(now) && now - this.#ended < leastMs
  }
}
