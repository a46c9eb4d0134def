import type { JobService, JobsTerms } from '../jobs/job-service.ts'
import type { Database } from '../persistence/database.ts'
import { type ErrorCode, InfrastructureError } from '../ports/errors.ts'
import type { JobType } from '../ports/jobs.ts'
import type { Schema } from '../ports/schema.ts'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'

export { standingClock } from '../runtime/standing-clock.ts'

export interface JobsHarness extends AsyncDisposable {
  /** Where the jobs are, or for what is not in a database: one whose units of work the jobs know of. */
  readonly database: Database
  /** Jobs over the same store, not started; each call stands for another process. Disposing the harness stops them. */
  open(options?: JobsTerms): JobService
  /** The library's `permanent`. */
  permanent(error: unknown): Error
}

export type JobsCase = ContractCase<JobsHarness>

export interface Numbered {
  readonly n: number
}

/** Accepts `{ n }` with a whole number; further properties pass. */
export const numbered: Schema<Numbered> = {
  '~standard': {
    version: 1,
    vendor: 'portolan-contract',
    validate(value) {
      const n = typeof value === 'object' && value !== null && 'n' in value ? value.n : undefined
      if (!Number.isInteger(n)) return { issues: [{ message: 'expected a whole number', path: ['n'] }] }
      return { value: value as Numbered }
    },
  },
}

/** A type of jobs that is retried after a millisecond. */
export function jobType(options: Partial<JobType<Numbered>> = {}): JobType<Numbered> {
  return {
    kind: 'job',
    name: 'contract',
    schema: numbered,
    attempts: 3,
    backoff: { from: 1, to: 2 },
    timeout: '30s',
    priority: 'normal',
    version: 1,
    upcasters: {},
    ...options,
  }
}

/** Something that is opened once, and that others wait for. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Waits until `condition` holds; a case that waits in vain fails by name. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = systemClock.monotonic() + 20_000
  while (!(await condition())) {
    if (systemClock.monotonic() > giveUpAt) throw new Error(`It never happened: ${what}.`)
    await systemClock.sleep(2)
  }
}

/** Compares what both are as JSON. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, but it was ${a}.`)
}

export function ok(condition: boolean, what: string): void {
  if (!condition) throw new Error(`It does not hold: ${what}.`)
}

/** The infrastructure error that `work` fails with; any other outcome fails the case. */
export async function refusal(code: ErrorCode, work: () => unknown): Promise<InfrastructureError> {
  let outcome: unknown
  try {
    outcome = await work()
  } catch (error) {
    if (InfrastructureError.is(error, code)) return error
    throw error
  }
  throw new Error(`Expected ${code}, but it resolved with ${JSON.stringify(outcome)}.`)
}
