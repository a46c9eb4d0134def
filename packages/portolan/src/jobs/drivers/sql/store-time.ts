import type { Clock } from '../../../ports/time.ts'
import { systemClock } from '../../../runtime/clock.ts'

/**
 * The simulated time of `clock`, for statements; null where it tells the machine's, as the time of day is the database's own then: the
 * clocks of the workers' machines differ.
 */
export function simulatedTime(clock: Clock): number | null {
  return clock.now === systemClock.now ? null : clock.now()
}
