import { InfrastructureError } from '../ports/errors.ts'
import type { JobContext } from '../ports/jobs.ts'
import type { ClaimedJob } from './driver.ts'

/** Why an attempt was told to stop. */
export type Interruption = 'timeout' | 'lease-lost' | 'cancelled' | 'drain'

/** What an attempt needs of those that it belongs to. */
export interface AttemptHost {
  complete(attempt: Attempt, result: unknown): Promise<void>
  report(attempt: Attempt, progress: unknown): Promise<void>
}

/** One attempt at a job, as its handler sees it. */
export class Attempt implements JobContext {
  readonly job: ClaimedJob
  readonly attempts: number
  /** On the monotonic clock. */
  readonly startedAt: number
  /** A function of its own, so that handlers may take it out of the context. */
  readonly complete: (result?: unknown) => Promise<void>
  readonly progress: (value: unknown) => Promise<void>
  interruption: Interruption | undefined
  /** `complete` was committed. */
  completed = false
  /** It told of its progress. */
  reported = false
  /** It was settled or given up; what the handler still does no longer counts. */
  ended = false
  #controller: AbortController | undefined
  #reason: InfrastructureError | undefined

  constructor(job: ClaimedJob, attempts: number, startedAt: number, host: AttemptHost) {
    this.job = job
    this.attempts = attempts
    this.startedAt = startedAt
    this.complete = result => host.complete(this, result)
    this.progress = value => host.report(this, value)
  }

  get id(): string {
    return this.job.id
  }

  get attempt(): number {
    return this.job.attempt
  }

  /** Made when a handler first asks for it: most never do, and a controller costs more than a short job. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** The first interruption counts. */
  interrupt(interruption: Interruption): void {
    if (this.interruption !== undefined) return
    this.interruption = interruption
    this.#reason = this.error(interruption)
    this.#controller?.abort(this.#reason)
  }

  error(interruption: Interruption): InfrastructureError {
    const name = `Attempt ${this.attempt} of job ${this.id} ('${this.job.queue}')`
    switch (interruption) {
      case 'timeout':
        return new InfrastructureError(
          'deadline_exceeded',
          `${name} took longer than its timeout. Give the job a longer one, or split it.`,
          { retry: 'later' },
        )
      case 'lease-lost':
        return new InfrastructureError(
          'cancelled',
          `${name} was stopped: its worker lost the lease, so another one may run it.`,
        )
      case 'cancelled':
        return new InfrastructureError('cancelled', `${name} was stopped: somebody cancelled the job.`)
      case 'drain':
        return new InfrastructureError(
          'cancelled',
          `${name} was stopped: the application is shutting down. It will run again.`,
        )
    }
  }
}
