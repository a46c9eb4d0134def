import type { Clock, Duration } from '../ports/time.ts'
import { systemClock } from './clock.ts'
import { milliseconds } from './duration.ts'

/** A clock that stands until it is moved; its timers are real. */
export interface StandingClock extends Clock {
  /** Sets the time of day: an ISO date. */
  move(to: string): void
  advance(by: Duration): void
}

/**
 * A clock for tests, which tells the time that it is given.
 *
 * @example
 * const clock = standingClock('2026-01-01T10:00:00Z')
 * const jobs = createJobs({ database, clock, mode: 'manual' })
 * clock.advance('1h')
 * await jobs.runDue()
 */
export function standingClock(at: string): StandingClock {
  let now = Date.parse(at)
  return {
    ...systemClock,
    now: () => now,
    move(to) {
      now = Date.parse(to)
    },
    advance(by) {
      now += milliseconds(by, 'advance')
    },
  }
}
