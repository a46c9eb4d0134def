import type { JobHandler, JobType } from '../ports/jobs.ts'
import { Deadlines } from '../runtime/deadlines.ts'
import { milliseconds } from '../runtime/duration.ts'
import { reasonOf, stackOf } from '../runtime/failure.ts'
import { isPermanent } from '../runtime/permanent.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Attempt, type Interruption } from './attempt.ts'
import type { Completion } from './completion.ts'
import type { Claim, ClaimedJob, ClaimLimits, KeptJob } from './driver.ts'
import { jsonOf } from './json.ts'
import { Keeping } from './keeping.ts'
import { claimLimits } from './limits.ts'
import type { AttemptOutcome } from './metrics.ts'
import { perform } from './perform.ts'
import { Prefetch } from './prefetch.ts'
import { retryDelay } from './retry.ts'
import type { Settlement } from './settlement.ts'

/** How long a handler may go on after its signal was aborted before its slot is given to another job. */
const graceMs = 5_000

/** What a lane needs of the worker that it belongs to. */
export interface LaneHost {
  readonly settlement: Settlement
  readonly completion: Completion
  wake(): void
}

/** The jobs of one type in this process: those that run, and those that were claimed ahead. */
export class Lane {
  readonly type: JobType
  readonly timeoutMs: number
  /** Whether the store may have due jobs for it. */
  hungry = true
  /** Nothing is begun. */
  paused = false
  /** Attempts that were begun, in all. */
  begun = 0
  readonly #limits: ClaimLimits | undefined
  readonly #keeping: Keeping
  readonly #handler: JobHandler<unknown>
  readonly #concurrency: number
  readonly #surroundings: Surroundings
  readonly #host: LaneHost
  readonly #count: (outcome: AttemptOutcome, durationMs: number) => void
  readonly #prefetch: Prefetch
  readonly #running = new Set<Attempt>()
  #ahead: { readonly job: ClaimedJob; readonly session: string }[] = []
  readonly #deadlines: Deadlines
  #suspects = 0
  #deferred = false
  /** Places that are kept for jobs on their way. */
  #reserved = 0

  constructor(
    type: JobType,
    handler: JobHandler<unknown>,
    concurrency: number,
    surroundings: Surroundings,
    host: LaneHost,
    count: (outcome: AttemptOutcome, durationMs: number) => void,
  ) {
    this.#count = count
    this.type = type
    this.#handler = handler
    this.#concurrency = concurrency
    this.#surroundings = surroundings
    this.#host = host
    this.timeoutMs = milliseconds(type.timeout)
    this.#limits = claimLimits(type)
    this.#keeping = new Keeping(type)
    this.#prefetch = new Prefetch(concurrency)
    this.#deadlines = new Deadlines(surroundings.clock, this.timeoutMs)
  }

  get running(): number {
    return this.#running.size
  }

  /** What to claim now: refills when less than half of what is kept ahead is left. */
  claim(): Claim | undefined {
    if (!this.hungry || this.paused) return undefined
    // The one attempt of such a job must not be used up by waiting in a process that dies.
    // Nor may what waits here hold a place, or a share of the rate, that another process could use.
    const ahead = this.type.attempts === 1 || this.#limits ? 0 : this.#prefetch.size
    const startable = this.#concurrency - this.#running.size - this.#reserved
    if (this.#ahead.length > ahead / 2 || (ahead === 0 && startable === 0)) return undefined
    const limit = startable + ahead - this.#ahead.length
    if (limit <= 0) return undefined
    return {
      queue: this.type.name,
      limit,
      startable: Math.max(0, startable - this.#ahead.length),
      suspects: this.#suspects === 0 ? 1 : 0,
      ...(this.#limits && { limits: this.#limits }),
    }
  }

  /** Something is due that must wait until a job of this lane has ended. */
  defer(): void {
    this.#deferred = true
  }

  /** Keeps places for so many jobs, or fewer, that are being stored as claimed; none where others may go first. */
  reserve(jobs: number): number {
    if (this.hungry || this.paused || this.#limits || this.#ahead.length > 0) return 0
    const places = Math.max(0, Math.min(jobs, this.#concurrency - this.#running.size - this.#reserved))
    this.#reserved += places
    return places
  }

  /** Gives up places that were kept. */
  free(places: number): void {
    this.#reserved -= places
  }

  take(job: ClaimedJob, session: string): void {
    if (job.attempt > this.type.attempts) {
      const attempts = job.attempt - 1
      this.#bury(job, attempts, `The worker was lost during attempt ${attempts}, the last one.`, '')
      return
    }
    this.#ahead.push({ job, session })
  }

  /** Starts what was claimed, as far as there is room. */
  start(): void {
    let next = 0
    while (this.#running.size < this.#concurrency && next < this.#ahead.length) {
      const { job, session } = this.#ahead[next++]!
      void this.#run(job, session)
    }
    if (next > 0) this.#ahead.splice(0, next)
  }

  /** Takes out what was claimed but not begun. */
  unstarted(): ClaimedJob[] {
    return this.#ahead.splice(0).map(({ job }) => job)
  }

  /** Everything that it has in hand. */
  inHand(): ClaimedJob[] {
    const jobs = this.#ahead.map(({ job }) => job)
    for (const { job, ended } of this.#running) if (!ended) jobs.push(job)
    return jobs
  }

  /** Stops a job that was cancelled; whether it is in hand. */
  cancel(id: string): boolean {
    const ahead = this.#ahead.findIndex(({ job }) => job.id === id)
    if (ahead >= 0) {
      for (const { job } of this.#ahead.splice(ahead, 1)) this.#finish(job, 'cancelled', null)
      this.#host.wake()
      return true
    }
    for (const attempt of this.#running) {
      if (attempt.job.id !== id) continue
      this.#interrupt(attempt, 'cancelled')
      return true
    }
    return false
  }

  interrupt(interruption: Interruption): void {
    for (const attempt of this.#running) this.#interrupt(attempt, interruption)
  }

  /** Gives up the handlers that have not ended by now. */
  abandon(): void {
    for (const attempt of [...this.#running])
      this.#end(attempt, attempt.error(attempt.interruption ?? 'drain'))
  }

  async #run(job: ClaimedJob, session: string): Promise<void> {
    const { clock } = this.#surroundings
    const startedAt = clock.monotonic()
    const attempt = new Attempt(job, this.type.attempts, startedAt, {
      complete: async (own, result) =>
        this.#host.completion.complete(
          session,
          own,
          this.#keeping.of(job, 'done', this.#keeping.text(result)),
        ),
      report: (own, value) =>
        this.#host.completion.report(own, jsonOf(value, `The progress of job '${job.queue}'`)),
    })
    this.#running.add(attempt)
    this.begun++
    if (job.suspect) this.#suspects++
    const deadline = this.#deadlines.begin(() => this.#interrupt(attempt, 'timeout'))
    let error: unknown
    let result: string | null = null
    try {
      result = this.#keeping.text(await perform(this.type, this.#handler, attempt))
    } catch (thrown) {
      // A handler may throw anything, also nothing.
      error = thrown ?? new Error('The handler threw nothing.')
    }
    this.#deadlines.end(deadline)
    this.#prefetch.observe(clock.monotonic() - startedAt)
    this.#end(attempt, error, result)
  }

  /** The job is over. */
  #finish(job: ClaimedJob, outcome: KeptJob['outcome'], result: string | null): void {
    const kept = this.#keeping.of(job, outcome, result)
    if (kept) this.#host.settlement.kept.push(kept)
    else this.#host.settlement.done.push(job)
  }

  #end(attempt: Attempt, error: unknown, result: string | null = null): void {
    if (attempt.ended) return
    const { clock } = this.#surroundings
    attempt.ended = true
    this.#running.delete(attempt)
    if (attempt.job.suspect) this.#suspects--
    if (this.#deferred) {
      this.#deferred = false
      this.hungry = true
    }
    const outcome = this.#settle(attempt, error, result)
    if (attempt.reported && outcome !== 'retried' && outcome !== 'returned')
      this.#host.settlement.reported.push(attempt.job)
    if (outcome) this.#count(outcome, clock.monotonic() - attempt.startedAt)
    if (this.#ahead.length > 0) this.start()
    this.#host.wake()
  }

  /** What became of the attempt; nothing when others decide. */
  #settle(attempt: Attempt, error: unknown, result: string | null): AttemptOutcome | undefined {
    const { job, interruption } = attempt
    if (attempt.completed) {
      if (error !== undefined)
        this.#surroundings.logger.warn('A handler failed after it had completed its job.', {
          job: job.id,
          type: job.queue,
          error,
        })
      return 'done'
    }
    if (interruption === 'lease-lost') return undefined
    // The settlement lets the group's next one in, within the same exchange.
    if (job.group !== null) this.hungry = true
    if (interruption === 'timeout') return this.#fail(attempt, attempt.error('timeout'))
    if (error === undefined || interruption === 'cancelled') {
      const outcome = interruption === 'cancelled' ? 'cancelled' : 'done'
      this.#finish(job, outcome, result)
      return outcome
    }
    if (interruption !== 'drain') return this.#fail(attempt, error)
    this.#host.settlement.returned.push(job)
    return 'returned'
  }

  #fail({ job, attempt, attempts }: Attempt, error: unknown): AttemptOutcome {
    const { logger, random } = this.#surroundings
    const reason = reasonOf(error)
    if (attempt >= attempts || isPermanent(error)) {
      this.#bury(job, attempt, reason, stackOf(error))
      return 'dead'
    }
    const delayMs = retryDelay(this.type.backoff, attempt, error, random)
    logger.debug('A job failed and will be retried.', {
      job: job.id,
      type: job.queue,
      attempt,
      delayMs,
      error,
    })
    this.#host.settlement.retries.push({ job, delayMs, reason })
    return 'retried'
  }

  #bury(job: ClaimedJob, attempts: number, reason: string, stack: string): void {
    const fields = { job: job.id, type: job.queue, attempts, reason }
    this.#surroundings.logger.error('A job was given up; it is among the dead letters.', fields)
    this.#host.settlement.dead.push({ job, attempts, reason, stack, keepMs: this.#keeping.deadMs })
  }

  #interrupt(attempt: Attempt, interruption: Interruption): void {
    if (attempt.ended || attempt.interruption !== undefined) return
    attempt.interrupt(interruption)
    this.#surroundings.clock.timer(graceMs, () => {
      if (attempt.ended) return
      const { id, queue } = attempt.job
      this.#surroundings.logger.warn('A handler ignores its signal; its job goes on without it.', {
        job: id,
        type: queue,
      })
      this.#end(attempt, attempt.error(interruption))
    })
  }
}
