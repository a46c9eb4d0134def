import { Cron } from 'croner'
import { InfrastructureError } from '../ports/errors.ts'

/** The times of a cron expression, in milliseconds since the epoch. */
export interface CronTimes {
  /** The first after `after`; `undefined` when there is none. */
  next(after: number): number | undefined
  /** The last at or before `at`; `undefined` when there is none. */
  latest(at: number): number | undefined
}

/**
 * Reads an expression of five fields, or six with seconds first. Across a change of the clocks, a fixed time of day (also a list of
 * them) happens once: at the first valid time after a gap, and not twice in the hour that repeats.
 *
 * @throws InfrastructureError `invalid_argument` for a wrong expression, one that never happens, or an unknown time zone.
 */
export function cronTimes(schedule: string, expression: string, timeZone: string): CronTimes {
  let cron: Cron
  let first: Date | null
  try {
    cron = new Cron(expression, {
      timezone: timeZone,
      paused: true,
      mode: '5-or-6-parts',
      fixedTimeRule: 'no-wildcard',
    })
    // The zone is looked at only when a time is asked for.
    first = cron.nextRun()
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new InfrastructureError(
      'invalid_argument',
      `Schedule '${schedule}': cron ${JSON.stringify(expression)} in time zone ${JSON.stringify(timeZone)} is not understood: ${said} ` +
        `Give five fields (minute hour day month weekday), or six with seconds first, and an IANA zone such as 'Europe/London'.`,
      { cause },
    )
  }
  if (first === null) {
    throw new InfrastructureError(
      'invalid_argument',
      `Schedule '${schedule}': cron ${JSON.stringify(expression)} never happens. Check its day and month.`,
    )
  }
  return {
    next: after => cron.nextRun(new Date(after))?.getTime(),
    // croner looks strictly before the moment that it is given.
    latest: at => cron.previousRuns(1, new Date(at + 1))[0]?.getTime(),
  }
}
