import type { Schema } from './schema.ts'
import type { Duration } from './time.ts'

/** The pause before a retry: `from`, doubled each time up to `to`, with jitter. */
export interface Backoff {
  readonly from: Duration
  readonly to: Duration
}

export type JobPriority = 'high' | 'normal' | 'low'

/** What all processes together do of one type. */
export interface JobLimits {
  /** How many run at the same time. */
  readonly concurrency?: number
  /** How many of one `group` run at the same time. Default 1, in order; with more, the order is lost. */
  readonly groupConcurrency?: number
  /** How many are begun in any such time, retries included. After a pause, that many may be begun at once. */
  readonly rate?: JobRate
  /** How many of one `group` are begun in any such time, retries included. Those of other groups go on meanwhile. */
  readonly groupRate?: JobRate
}

/** As many in any stretch of time this long. After a pause, that many may be begun at once. */
export interface JobRate {
  readonly jobs: number
  readonly per: Duration
}

/** A kind of job: its name, what its payload must look like, and how it is retried. */
export interface JobType<Payload = unknown, Name extends string = string> {
  readonly kind: 'job'
  readonly name: Name
  readonly schema: Schema<Payload>
  /** How often in all, the first included. */
  readonly attempts: number
  readonly backoff: Backoff
  /** The signal of an attempt aborts after this, and the attempt counts as failed. */
  readonly timeout: Duration
  readonly priority: JobPriority
  /** Of the payload's shape: 1, 2, 3, … */
  readonly version: number
  /** Lifts a payload of version `n` to `n + 1`; the key is `n`. */
  readonly upcasters: Readonly<Record<number, (payload: unknown) => unknown>>
  /** Absent: none but the concurrency of each worker. */
  readonly limits?: JobLimits
  /** How long an ended job can be found, with its result. Absent: not at all. */
  readonly keep?: Duration
  /** How long a dead letter is kept before it is discarded. Absent: until somebody replays or discards it. */
  readonly keepDead?: Duration
}

/** A key that one job of a type holds at a time. */
export interface UniqueKey {
  readonly key: string
  /** Until when a job holds it: as long as it is `waiting` for a worker, or (default) `unfinished`, running included. */
  readonly while?: 'waiting' | 'unfinished'
  /**
   * Holds the key for at least so long from the enqueue on, whatever becomes of the job: so often at most does one begin. Only with
   * `taken: 'ignore'`.
   */
  readonly for?: Duration
  /**
   * What enqueueing does when a job that waits has the key: `ignore` (default) nothing; `replace` gives that job the new payload, priority,
   * group and time; `extend` puts it off to the new time, when that is later. One that runs is left alone.
   */
  readonly taken?: 'ignore' | 'replace' | 'extend'
}

export interface EnqueueOptions {
  /** Run no earlier than this moment. */
  readonly runAt?: Date
  /** Run no earlier than this from now. Instead of `runAt`. */
  readonly delay?: Duration
  /** While a job of this type with this key waits or runs, enqueueing another does nothing, or what a {@link UniqueKey} says. */
  readonly unique?: string | UniqueKey
  /**
   * Jobs of one type and group run one at a time, in the order in which they were enqueued: a failed one waits for its retry beside
   * them, a delayed one takes its turn when it is due.
   */
  readonly group?: string
  readonly priority?: JobPriority
  /**
   * The ids of jobs, of any types, that must have ended before this one begins: done or cancelled. While one of them is a dead letter, this one
   * waits for its replay or its discarding. None may have been begun, so enqueue them in the same unit of work; one job at most waits for
   * each.
   */
  readonly after?: readonly string[]
}

export interface JobContext {
  readonly id: string
  /** 1 for the first. */
  readonly attempt: number
  /** How often it will be tried in all. */
  readonly attempts: number
  /** Aborts on timeout, when the job is cancelled, when the worker has lost its lease, and when a drain runs out of time. */
  readonly signal: AbortSignal
  /** Tells whoever looks how far the job is: any JSON. A statement each time, with the unit of work in progress. */
  progress(value: unknown): Promise<void>
  /**
   * Completes the job in the unit of work in progress: what the handler wrote and the completion are then one commit, so
   * the effect happens exactly once. Rejects with `conflict` when another worker has taken the job over. `result` takes the place of what
   * the handler returns.
   */
  complete(result?: unknown): Promise<void>
}

/** What it returns is the job's result, kept when its type has a `keep`. */
export type JobHandler<Payload> = (payload: Payload, context: JobContext) => unknown

export interface WorkOptions {
  /** Jobs of this type in hand at the same time, in this process. Default 10. */
  readonly concurrency?: number
}

/** When a schedule enqueues its job. */
export interface ScheduleOptions {
  /** Five fields, or six with seconds first: `0 6 * * *` is every morning at six. */
  readonly cron: string
  /** An IANA name. Default `'UTC'`. */
  readonly timeZone?: string
  /** What to do about runs that nobody was there for. Default `'once'`. */
  readonly missed?: 'skip' | 'once' | 'all'
}

/**
 * Work that is done later, once it is committed: tried again when it fails, taken over when its process dies.
 *
 * @example
 * import { defineJob, type Jobs } from 'portolan'
 * import { z } from 'zod'
 *
 * const SendReceipt = defineJob('send-receipt', { schema: z.object({ orderId: z.string() }) })
 *
 * declare const jobs: Jobs
 * jobs.work(SendReceipt, { concurrency: 4 }, async ({ orderId }, { attempt }) => console.log(orderId, attempt))
 * await jobs.enqueue(SendReceipt, { orderId: '42' }, { delay: '10m', unique: '42' })
 */
export interface Jobs {
  /**
   * Stores a job with the commit of the unit of work in progress, or in one of its own; resolves with its id, or with
   * `undefined` when a unique one was there already; a `UniqueKey` that changes that one gives its id. Rejects with `invalid_argument` when the schema refuses the payload.
   */
  enqueue<Payload>(
    type: JobType<Payload>,
    payload: Payload,
    options?: EnqueueOptions,
  ): Promise<string | undefined>
  /**
   * Stores many jobs of a type, each with its own options, in one commit and in few statements: all or nothing. Resolves with their ids
   * in the same order.
   */
  enqueueMany<Payload>(
    type: JobType<Payload>,
    jobs: readonly (EnqueueOptions & { readonly payload: Payload })[],
  ): Promise<(string | undefined)[]>
  /** Declares who does jobs of `type`. Before `start`. */
  work<Payload>(type: JobType<Payload>, options: WorkOptions, handler: JobHandler<Payload>): void
  /**
   * Enqueues a job of `type` at the times of `cron`; once in all, however many processes run. Before `start`. A wrong
   * expression or time zone is an error here. Without `payload`, the payload is `{ scheduledFor }`, an ISO date.
   */
  schedule<Payload>(name: string, options: ScheduleOptions, type: JobType<Payload>, payload?: Payload): void
}
