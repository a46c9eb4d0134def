/**
 * `waiting`: due, and waits for a worker or its group; `scheduled`: not due yet; `retrying`: has failed and waits for its next attempt;
 * `running`: in the hands of a worker; `parked`: waits for other jobs to end.
 */
export type JobState = 'waiting' | 'scheduled' | 'retrying' | 'running' | 'parked'

/**
 * What cancelling did: `cancelled`, nobody will begin it any more; `stopping`, it runs, and its worker is told; `gone`, it has ended or
 * never was.
 */
export type Cancellation = 'cancelled' | 'stopping' | 'gone'

/** Which jobs, and how many at most; all of them where it names nothing. */
export interface JobFilter {
  readonly type?: string
  readonly state?: JobState
  readonly limit?: number
}

/** How many jobs there are of each state. */
export interface JobCounts {
  readonly waiting: number
  readonly running: number
  readonly scheduled: number
  readonly retrying: number
  readonly parked: number
  readonly dead: number
  /** Since when the oldest waiting job has been due; absent when none waits. */
  readonly oldestDueAt?: Date
}

export interface JobTypeStatus extends JobCounts {
  readonly type: string
  /** Whether this process has a handler for it. Jobs that no process handles wait. */
  readonly handled: boolean
  /** Nothing of it is begun until somebody resumes it. */
  readonly paused: boolean
}

export interface JobsStatus extends JobCounts {
  /** By name. */
  readonly types: readonly JobTypeStatus[]
}

/** Everything that is known of one job. */
export interface JobRecord extends Omit<JobListing, 'state' | 'runAt'> {
  /** `done` and `cancelled` are known of types with a `keep`, for as long as that. */
  readonly state: JobState | 'done' | 'cancelled' | 'dead'
  /** When it is due, or was. Absent when it has ended. */
  readonly runAt?: Date
  readonly endedAt?: Date
  /** What its handler told last, of whichever attempt. */
  readonly progress: unknown
  /** What its handler returned. */
  readonly result: unknown
  /** Of a dead letter: that of its last error; empty when there was none. */
  readonly stack?: string
}

/** A schedule as it was declared last. */
export interface ScheduleFacts {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  readonly missed: 'skip' | 'once' | 'all'
  /** The type of its jobs. */
  readonly type: string
}

export interface ScheduleListing extends ScheduleFacts {
  /** The last run that was enqueued or skipped; when there was none, the time of its first declaration. */
  readonly lastRunAt: Date
  /** Absent when there is none any more. */
  readonly nextRunAt?: Date
}

/** A job as a person sees it in a list. */
export interface JobListing {
  readonly id: string
  readonly type: string
  readonly state: JobState
  /** How often it was tried, an attempt that runs included. */
  readonly attempt: number
  /** When it is due, or was. */
  readonly runAt: Date
  readonly createdAt: Date
  readonly group: string | undefined
  readonly unique: string | undefined
  readonly payload: unknown
  /** Why the last attempt failed, in a line. */
  readonly lastError: string | undefined
}
