import { InfrastructureError } from '../ports/errors.ts'
import { systemClock } from '../runtime/clock.ts'
import { milliseconds } from '../runtime/duration.ts'
import { surroundings } from '../runtime/surroundings.ts'
import { cannotSimulateTime } from './capabilities.ts'
import type { JobDriver, JobTerms } from './job-driver.ts'
import type { JobsOptions } from './job-service.ts'
import { databaseJobs } from './store.ts'

/** The options of `createJobs`, checked and complete. */
export interface CheckedOptions extends JobTerms {
  readonly driver: JobDriver
  readonly lagLimitMs: number
  readonly mode: 'background' | 'manual'
}

/** @throws InfrastructureError `invalid_argument` for options that make no sense, `unsupported` for a clock that the store cannot follow. */
export function checkedOptions(options: JobsOptions): CheckedOptions {
  const { lease = '30s', poll = '1s', lagLimit = '5m', mode = 'background', ...given } = options
  const { database, driver = database && databaseJobs(database), ...rest } = given
  if (!driver) throw invalid('Where are the jobs to be stored? Give createJobs a database, or a driver.')
  const lagLimitMs = milliseconds(lagLimit, 'lagLimit')
  const leaseMs = milliseconds(lease, 'lease')
  const pollMs = milliseconds(poll, 'poll')
  if (leaseMs < 100)
    throw invalid('lease: give at least 100ms, or a worker that is merely busy loses its jobs.')
  if (pollMs < 1) throw invalid('poll: give at least 1ms.')
  const around = surroundings(rest)
  if (!driver.capabilities.simulatedTime && around.clock.now !== systemClock.now) throw cannotSimulateTime()
  return { driver, database, surroundings: around, leaseMs, pollMs, lagLimitMs, mode }
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
