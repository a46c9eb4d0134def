import type { Surroundings } from '../../../runtime/surroundings.ts'
import { breakMs } from './breaks.ts'

/** The longest pause between two looks at a lock that another process holds; later, not to miss a short break of a busy one. */
const longestPauseMs = 20
const keenAfterMs = 500
const keenPauseMs = breakMs

/** How long units wait for a lock that another process holds, and how soon they look again. */
export class LockPatience {
  readonly #limitMs: number
  readonly #random: Surroundings['random']
  /** Since when it has been in the way, on the monotonic clock. */
  #since: number | undefined

  constructor(limitMs: number, random: Surroundings['random']) {
    this.#limitMs = limitMs
    this.#random = random
  }

  /** It was in vain to look `now`: milliseconds until the next look; `undefined`: a unit that waits since then waits no longer. */
  pauseMs(now: number, waitingSince: number): number | undefined {
    this.#since ??= now
    // The time that a unit waited for others of this process does not count.
    if (now - Math.max(waitingSince, this.#since) >= this.#limitMs) return undefined
    return this.#random.next() * (now - this.#since > keenAfterMs ? keenPauseMs : longestPauseMs)
  }

  /** The lock was free. */
  end(): void {
    this.#since = undefined
  }
}
