import type { Database } from '../persistence/database.ts'
import type { DeadLetters } from '../ports/dead-letters.ts'
import type { Jobs } from '../ports/jobs.ts'
import type { Health, Service } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { JobCapabilities } from './capabilities.ts'
import type {
  Cancellation,
  JobFilter,
  JobListing,
  JobRecord,
  JobsStatus,
  ScheduleListing,
} from './inspection.ts'
import type { JobDriver } from './job-driver.ts'

/** `clock`: the store decides what is due by its own clock, unless the one that is given tells another time than the machine's. */
export interface JobsTerms extends Partial<Surroundings> {
  /**
   * For how long a worker that has gone silent keeps its jobs. Renewed after a third of it. The jobs of a process that is provably dead
   * are freed within `poll` where another one runs on the same machine. Default `'30s'`.
   */
  readonly lease?: Duration
  /**
   * How long a job that is due may wait before `health` says so, and how long a transaction may keep the database from cleaning up after
   * those that are done, where one can. Types that are paused do not count. Default `'5m'`.
   */
  readonly lagLimit?: Duration
  /** How often the store is asked when nothing else tells of due jobs. Default `'1s'`. */
  readonly poll?: Duration
  /** `manual`: jobs run in `runDue` alone, and `start` begins nothing. For tests. Default `background`. */
  readonly mode?: 'background' | 'manual'
}

export type JobsOptions = JobsTerms & (JobsInDatabase | JobsElsewhere)

export interface JobsInDatabase {
  /** Where the jobs are stored; what is enqueued in its units of work commits with them. */
  readonly database: Database
  readonly driver?: undefined
}

export interface JobsElsewhere {
  readonly driver: JobDriver
  /** The application's: in its units of work, what would have to commit with them is refused. Default: that is not looked at. */
  readonly database?: Database | undefined
}

/** Jobs with everything that an application and its operators need of them. */
export interface JobService extends Jobs, Required<Service>, AsyncDisposable {
  readonly capabilities: JobCapabilities
  readonly deadLetters: DeadLetters
  /**
   * `degraded` while the store fails, when jobs of a type that is handled here are due for longer than `lagLimit`, or when a transaction
   * that is older keeps the database from cleaning up.
   */
  health(): Promise<Health>
  /** How many jobs there are, in all and of each type; also of types that nobody here handles. */
  status(): Promise<JobsStatus>
  /** Jobs that failed and wait for their next attempt, the next one first. Default 100. */
  retrying(options?: { readonly limit?: number }): Promise<JobListing[]>
  /** Jobs that have not ended, oldest first. Default 100. */
  list(filter?: JobFilter): Promise<JobListing[]>
  /** A job with its progress; one that has ended, while its type's `keep` lasts, with its result, or as a dead letter. */
  find(id: string): Promise<JobRecord | undefined>
  /**
   * A job as it is now and whenever that changes, as any process may see it, until it has ended. Asked for `every` so often (default `'500ms'`).
   * Rejects with `cancelled` when the signal aborts.
   *
   * @example
   * for await (const { state, progress } of jobs.watch(id)) console.log(state, progress)
   */
  watch(
    id: string,
    options?: { readonly every?: Duration; readonly signal?: AbortSignal },
  ): AsyncIterable<JobRecord>
  /** All schedules that any process has ever declared, and nobody removed since, by name. */
  schedules(): Promise<ScheduleListing[]>
  /**
   * Forgets a schedule that the application declares no longer. One that a process still declares enqueues nothing more, until that process
   * starts anew. Rejects with `not_found`.
   */
  unschedule(name: string): Promise<void>
  /**
   * Does a job again or at once: a dead letter comes back with fresh attempts, a job that waits for its time or its retry is due now. Rejects
   * with `not_found`, and with `conflict` when it need not be told, or its unique key is taken.
   */
  retry(id: string): Promise<void>
  /**
   * Cancels a job, with the unit of work in progress. One that waits is deleted. When it runs, in any process, its signal aborts within
   * the `poll` of its worker, and it is over when its handler ends: not retried, and no dead letter.
   */
  cancel(id: string): Promise<Cancellation>
  /** From now on (within `poll`), no process begins jobs of the type with this name, until `resume`. What runs goes on. */
  pause(type: string): Promise<void>
  resume(type: string): Promise<void>
  /**
   * Test mode: runs everything that is due now, and what the handlers enqueue for now, to completion in this process; resolves with the
   * number of attempts. Retries that wait for a later time stay. Rejects with `precondition_failed` when the worker was started.
   */
  runDue(): Promise<number>
}
