import type { DeadLetters } from '../ports/dead-letters.ts'
import type {
  Cancellation,
  JobListing,
  JobRecord,
  JobState,
  JobsStatus,
  ScheduleFacts,
} from './inspection.ts'

/**
 * What a store must do for jobs; `drivers/sql` does it over the statements of a SQL engine. Times are the store's own: it decides what
 * is due by its own clock and is told delays, so that the clocks of the workers' machines do not matter. Everything joins the
 * transaction in progress, except `exchange`, `rescue` and the sessions, which the caller never makes inside of one.
 */
export interface JobStore {
  /**
   * Creates or migrates what it needs. Safe from many processes at once. Resolves with what its operator should know about the engine, in a
   * sentence, if there is something.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to say.
  prepare(): Promise<string | undefined | void>
  /** Stores jobs, in this order; an id each, `undefined` where a unique one was there already. */
  insert(jobs: readonly NewJob[]): Promise<(string | undefined)[]>
  /**
   * Stores jobs that differ in nothing but their payloads and traces, in their order, and that nothing keeps from beginning at once: the first
   * `claims` of them claimed by `session` already, or none when that is gone. Absent where a claim goes with the commit of the insert anyway,
   * or cannot go with it.
   */
  insertClaimed?(session: string, jobs: readonly NewJob[], claims: number): Promise<InsertedClaimed>
  /** In one transaction: settles what `session` has finished, then claims more for it. The hot path. */
  exchange(session: string, settled: Settled, claims: readonly Claim[]): Promise<Exchange>
  /** Deletes a job that `session` still holds, with the commit in progress; whether it did hold it. `kept` when it is to be found later. */
  complete(session: string, job: ClaimedJob, kept: KeptJob | undefined): Promise<boolean>
  /** Milliseconds until the first job of each queue that has one is due; negative when it is overdue. */
  nextDue(queues: readonly string[]): Promise<ReadonlyMap<string, number>>
  readonly sessions: SessionStore
  readonly schedules: ScheduleStore
  readonly inspection: InspectionStore
  readonly deadLetters: DeadLetters
}

/** The leases of workers: one row each, never one a job. */
export interface SessionStore {
  open(leaseMs: number): Promise<string>
  /** `false` when the session is gone: others may have its jobs. */
  renew(session: string, leaseMs: number): Promise<boolean>
  /**
   * Renews the lease from a thread of its own while this one is blocked, for `blockedMs` at most; `undefined` where the store cannot be
   * reached from there.
   */
  keep(session: string, leaseMs: number, blockedMs: number): LeaseKeeper | undefined
  /**
   * Gives back what `session` holds for another attempt than those in `keep`, as if it had never been claimed; resolves with their
   * number. What failed may have been claimed again.
   */
  release(session: string, keep: readonly ClaimedJob[]): Promise<number>
  /** Gives back everything and ends the session. */
  close(session: string): Promise<void>
  /**
   * Frees the jobs of sessions whose lease is over or whose process is provably dead, and tells what people want of the workers.
   * `own` is the caller's session, who lives: when the machine's clock is set forward, its lease only looks as if it were over.
   */
  patrol(own: string | undefined): Promise<PatrolReport>
}

export interface PatrolReport {
  /** Sessions that were gone, and whose jobs are free now. */
  readonly rescued: number
  /** The queues of which nothing is to be begun. */
  readonly paused: ReadonlySet<string>
  /** Jobs that were cancelled when they ran, and are not known to have ended. */
  readonly cancelled: readonly string[]
}

/** Keeps a lease whose worker gives no sign of life. */
export interface LeaseKeeper {
  /** A sign of life. */
  alive(): void
  stop(): Promise<void>
}

export interface ScheduleStore {
  /** Makes `schedule` known, or notes how it is declared by now. For a new one, `now` stands for its last run. */
  declare(schedule: ScheduleFacts, now: number): Promise<void>
  /** When `schedule` last fired, in milliseconds since the epoch. */
  lastRun(schedule: string): Promise<number | undefined>
  /** Moves the last run of `schedule` on to `runAt` and stores `job`, or neither; `false` when somebody has been there already. */
  advance(schedule: string, runAt: number, job: NewJob | undefined): Promise<boolean>
  /** Forgets `schedule`; whether it was known. */
  remove(schedule: string): Promise<boolean>
  /** All that were ever declared, and not removed since, by name. */
  list(): Promise<readonly (ScheduleFacts & { readonly lastRunAt: number })[]>
}

export interface InspectionStore {
  status(): Promise<
    Omit<JobsStatus, 'types'> & { readonly types: readonly Omit<JobsStatus['types'][number], 'handled'>[] }
  >
  list(filter: {
    readonly type?: string
    readonly state?: JobState
    readonly limit: number
  }): Promise<JobListing[]>
  /** Deletes a job that nobody has claimed, or has its worker told. */
  cancel(id: string): Promise<Cancellation>
  find(id: string): Promise<JobRecord | undefined>
  /** Notes how far a job is; for those that look. `progress` is JSON text. */
  report(id: string, progress: string): Promise<void>
  /** Deletes what has been kept long enough; a dead letter as if somebody had discarded it. */
  sweep(): Promise<void>
  /** Forgets the unique keys that were held long enough. Absent where none are held for a time. */
  forgetKeys?(): Promise<void>
  /**
   * What has kept the store from cleaning up after itself for longer than `limitMs`, in a sentence; nothing when nothing does. Absent where
   * nothing can.
   */
  burden?(limitMs: number): Promise<string | undefined>
  /** Makes a job due that waits for its time; whether there was one. */
  hasten(id: string): Promise<boolean>
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
}

/** Lower goes first. */
export type PriorityRank = 0 | 1 | 2

export interface NewJob {
  readonly queue: string
  readonly priority: PriorityRank
  /** Milliseconds since the epoch; absent: now. */
  readonly runAt: number | undefined
  /** Milliseconds from the store's now. */
  readonly delayMs: number
  readonly group: string | undefined
  readonly unique: string | undefined
  /** Until when it holds its unique key. */
  readonly uniqueWhile: 'waiting' | 'unfinished'
  /** For how long from now it holds its key at least; 0: not after its end. */
  readonly uniqueForMs: number
  /** What becomes of one that waits and has the key. */
  readonly onTaken: 'ignore' | 'replace' | 'extend'
  /** The ids of jobs that must have ended before. */
  readonly after: readonly number[]
  /** Of the payload. */
  readonly version: number
  /** JSON text. */
  readonly payload: string
  /** JSON text of the trace context's carrier. */
  readonly trace: string | undefined
}

export interface InsertedClaimed {
  readonly ids: readonly string[]
  /** How many of them were claimed: the first ones. */
  readonly claimed: number
}

/** A job that a session holds. */
export interface ClaimedJob {
  readonly id: string
  readonly queue: string
  /** The attempt that this claim begins: 1 for the first. */
  readonly attempt: number
  /** The job that waits for it to end. */
  readonly parent: number | null
  readonly group: string | null
  readonly version: number
  readonly payload: string
  readonly trace: string | null
  /** Why the last attempt failed, when one did. */
  readonly lastError: string | null
  /** It was in hand each of the last times that a worker died, twice or more: it may be what kills them. */
  readonly suspect: boolean
}

/** What all processes together may begin of a queue. */
export interface ClaimLimits {
  readonly concurrency?: number
  readonly rate?: Rate
  /** Of each group, which is divided into so many slots. */
  readonly groupRate?: Rate & { readonly slots: number }
}

/** So many in any time of this length. */
export interface Rate {
  readonly jobs: number
  readonly perMs: number
}

export interface Claim {
  readonly queue: string
  /** How many at most. */
  readonly limit: number
  /**
   * How many can start at once. A job that was in hand when its worker died is claimed only to be started at once, never ahead: the
   * attempts of those that wait beside a killer are then not used up with its own.
   */
  readonly startable: number
  /** How many suspects may be claimed: none while one is in hand, so that a killer ends by killing itself alone. */
  readonly suspects: 0 | 1
  readonly limits?: ClaimLimits
}

export interface Settled {
  readonly done: readonly ClaimedJob[]
  /** Done, and to be found later. */
  readonly kept: readonly KeptJob[]
  readonly retries: readonly RetriedJob[]
  readonly dead: readonly DeadJob[]
  /** Given back as if never claimed. */
  readonly returned: readonly ClaimedJob[]
  /** Those among them that have ended and may have told of their progress. */
  readonly reported: readonly ClaimedJob[]
}

export interface KeptJob {
  readonly job: ClaimedJob
  readonly outcome: 'done' | 'cancelled'
  readonly keepMs: number
  /** JSON text. */
  readonly result: string | null
}

export interface RetriedJob {
  readonly job: ClaimedJob
  readonly delayMs: number
  readonly reason: string
}

export interface DeadJob {
  readonly job: ClaimedJob
  /** How often it really ran. */
  readonly attempts: number
  readonly reason: string
  readonly stack: string
  /** Null: until somebody replays or discards it. */
  readonly keepMs: number | null
}

export interface Exchange {
  /** Whether the session still exists. When it does not, nothing was claimed. */
  readonly alive: boolean
  /** How many of the settled jobs were no longer held: their completion was refused. */
  readonly refused: number
  readonly claimed: readonly ClaimedJob[]
  /** The queues of the claims where more is due, and can be claimed at once. */
  readonly more: readonly string[]
  /** The queues where jobs have to wait until one of those in hand has ended. */
  readonly deferred: readonly string[]
  /** The queues whose rate lets more begin, and in how many milliseconds. */
  readonly later: readonly (readonly [string, number])[]
}
