import type { DeadLetters } from '../ports/dead-letters.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { EnqueueOptions, JobHandler, JobType, ScheduleOptions, WorkOptions } from '../ports/jobs.ts'
import type { Health } from '../ports/service.ts'
import type { Clock, Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import { Opening } from '../runtime/opening.ts'
import { cannotJoin, checkOffered, type JobCapabilities } from './capabilities.ts'
import { converting } from './converting.ts'
import { deadLettersOf } from './dead-letters.ts'
import type { JobStore, NewJob } from './driver.ts'
import { Enqueuer, newJob } from './enqueuer.ts'
import type {
  Cancellation,
  JobFilter,
  JobListing,
  JobRecord,
  JobsStatus,
  ScheduleListing,
} from './inspection.ts'
import type { OpenedJobs } from './job-driver.ts'
import type { JobService, JobsOptions } from './job-service.ts'
import { lateness } from './lateness.ts'
import { JobMetrics } from './metrics.ts'
import { listingOfSchedule, Scheduler } from './scheduler.ts'
import { checkedOptions } from './terms.ts'
import type { Units } from './units.ts'
import { changesOf } from './watch.ts'
import { Worker } from './worker.ts'

/**
 * Background jobs in the application's own database; elsewhere with a `driver`: see `openJobs`.
 *
 * @example
 * const jobs = createJobs({ database })
 * jobs.work(SendReceipt, { concurrency: 20 }, async ({ orderId }, { signal }) => receipts.send(orderId, { signal }))
 * await jobs.start()
 *
 * await database.run(async () => {
 *   await orders.save(order)
 *   await jobs.enqueue(SendReceipt, { orderId: order.id })
 * })
 */
export function createJobs(options: JobsOptions): JobService {
  return new StoredJobs(options)
}

class StoredJobs implements JobService {
  readonly capabilities: JobCapabilities
  readonly deadLetters: DeadLetters
  readonly #units: Units
  readonly #close: OpenedJobs['close']
  readonly #store: JobStore
  readonly #opening: Opening
  readonly #lagLimitMs: number
  readonly #mode: 'background' | 'manual'
  readonly #clock: Clock
  readonly #metrics: JobMetrics
  readonly #enqueuer: Enqueuer
  readonly #scheduler: Scheduler
  readonly #worker: Worker
  #state: 'new' | 'started' | 'stopped' = 'new'
  #turn = 0
  #due: Promise<unknown> = Promise.resolve()

  constructor(options: JobsOptions) {
    const checked = checkedOptions(options)
    const { driver, surroundings: around, leaseMs, pollMs, lagLimitMs, mode } = checked
    const { capabilities } = driver
    const opened = driver.open(checked)
    const { units } = opened
    const store = opened.classify ? converting(opened.store, opened.classify) : opened.store
    this.capabilities = capabilities
    this.#units = units
    this.#close = () => opened.close()
    this.#store = store
    this.#opening = new Opening(async () => {
      const warning = await store.prepare()
      if (typeof warning === 'string') around.logger.warn(warning)
    })
    this.#mode = mode
    this.#lagLimitMs = lagLimitMs
    this.#clock = around.clock
    this.#metrics = new JobMetrics(around.clock)
    const stored = (jobs: readonly NewJob[]) => this.#worker.arrivals.stored(jobs)
    this.#scheduler = new Scheduler(units, store.schedules, around, stored)
    this.#worker = new Worker({
      units,
      store,
      capabilities,
      scheduler: this.#scheduler,
      surroundings: around,
      metrics: this.#metrics,
      leaseMs,
      pollMs,
    })
    this.#enqueuer = new Enqueuer(units, store, capabilities, this.#worker.arrivals)
    this.deadLetters = deadLettersOf(
      store.deadLetters,
      () => this.#ready(),
      () => units.afterCommit(() => this.#worker.look()),
    )
  }

  async enqueue<Payload>(
    type: JobType<Payload>,
    payload: Payload,
    options?: EnqueueOptions,
  ): Promise<string | undefined> {
    this.#joining('enqueue')
    if (options) checkOffered(type.name, options, this.capabilities)
    if (!this.#opening.done) await this.#ready()
    return (await this.#enqueuer.insert([await newJob(type, payload, options, this.#turn++)]))[0]
  }

  async enqueueMany<Payload>(
    type: JobType<Payload>,
    jobs: readonly (EnqueueOptions & { readonly payload: Payload })[],
  ): Promise<(string | undefined)[]> {
    this.#joining('enqueueMany')
    for (const job of jobs) checkOffered(type.name, job, this.capabilities)
    if (!this.#opening.done) await this.#ready()
    return this.#enqueuer.insertTogether(
      await Promise.all(jobs.map(job => newJob(type, job.payload, job, this.#turn++))),
    )
  }

  work<Payload>(
    type: JobType<Payload>,
    { concurrency = 10 }: WorkOptions,
    handler: JobHandler<Payload>,
  ): void {
    this.#declaring(`the handler of '${type.name}'`)
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw invalid(
        `Job '${type.name}': concurrency must be a whole number of 1 or more, not ${concurrency}.`,
      )
    if (this.#worker.handles(type.name)) throw invalid(`Job '${type.name}' has a handler already.`)
    // The payload has passed the type's schema before the handler sees it.
    this.#worker.declare(type, handler as JobHandler<unknown>, concurrency)
  }

  schedule<Payload>(name: string, options: ScheduleOptions, type: JobType<Payload>, payload?: Payload): void {
    this.#declaring(`schedule '${name}'`)
    this.#scheduler.declare(name, options, type, payload)
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw refused('These jobs were started already. Make others with createJobs.')
    this.#outside('start')
    this.#state = 'started'
    await this.#ready()
    await this.#scheduler.prepare()
    this.#metrics.observe(() => this.status())
    if (this.#mode === 'background' && !this.#worker.isIdle) this.#worker.start()
  }

  async drain(signal: AbortSignal): Promise<void> {
    await this.#worker.drain(signal)
  }

  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#metrics.close()
    await this.#worker.stop()
    await this.#close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async health(): Promise<Health> {
    if (this.#state === 'stopped') return { status: 'down', detail: 'stopped' }
    const health = this.#worker.health()
    if (health.status !== 'up' || this.#state === 'new') return health
    const detail = await lateness(this.#store, this.#worker.active, this.#lagLimitMs)
    return detail === undefined ? health : { status: 'degraded', detail }
  }

  async status(): Promise<JobsStatus> {
    await this.#ready()
    const { types, ...total } = await this.#store.inspection.status()
    return {
      ...total,
      types: types.map(counts => ({ ...counts, handled: this.#worker.handles(counts.type) })),
    }
  }

  retrying({ limit }: { readonly limit?: number } = {}): Promise<JobListing[]> {
    return this.list({ state: 'retrying', ...(limit !== undefined && { limit }) })
  }

  async list({ limit = 100, ...filter }: JobFilter = {}): Promise<JobListing[]> {
    await this.#ready()
    return this.#store.inspection.list({ ...filter, limit })
  }

  async find(id: string): Promise<JobRecord | undefined> {
    await this.#ready()
    return this.#store.inspection.find(id)
  }

  watch(
    id: string,
    { every = '500ms', signal }: { readonly every?: Duration; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<JobRecord> {
    return changesOf(() => this.find(id), milliseconds(every, 'every'), this.#clock, signal)
  }

  async schedules(): Promise<ScheduleListing[]> {
    await this.#ready()
    return (await this.#store.schedules.list()).map(listingOfSchedule)
  }

  async unschedule(name: string): Promise<void> {
    this.#joining('unschedule')
    await this.#ready()
    if (await this.#store.schedules.remove(name)) return
    throw new InfrastructureError('not_found', `There is no schedule ${JSON.stringify(name)}.`)
  }

  async retry(id: string): Promise<void> {
    this.#joining('retry')
    await this.#ready()
    await this.#units.run(async () => {
      const job = await this.#store.inspection.find(id)
      if (!job || job.state === 'dead') return this.deadLetters.replay(id)
      if (!(await this.#store.inspection.hasten(id)))
        throw new InfrastructureError('conflict', `Job ${id} is ${job.state}: there is nothing to retry.`)
      this.#units.afterCommit(() => this.#worker.look())
    })
  }

  async cancel(id: string): Promise<Cancellation> {
    this.#joining('cancel')
    await this.#ready()
    return this.#store.inspection.cancel(id)
  }

  async pause(type: string): Promise<void> {
    this.#joining('pause')
    await this.#ready()
    await this.#store.inspection.pause(type)
  }

  async resume(type: string): Promise<void> {
    this.#joining('resume')
    await this.#ready()
    await this.#store.inspection.resume(type)
  }

  runDue(): Promise<number> {
    // One after the other, so that each caller finds its own jobs done.
    const turn = this.#due.then(async () => {
      if (this.#state === 'stopped') throw refused('These jobs were stopped.')
      if (this.#worker.isStarted)
        throw refused("The worker runs in the background. Give createJobs `mode: 'manual'` to use runDue.")
      this.#outside('runDue')
      await this.#ready()
      await this.#scheduler.prepare()
      return this.#worker.runDue()
    })
    this.#due = turn.catch(() => {})
    return turn
  }

  /** @throws InfrastructureError `unsupported` for what would have to join a unit of work that the store cannot. */
  #joining(operation: string): void {
    if (!this.capabilities.transactions && this.#units.inTransaction()) throw cannotJoin(operation)
  }

  /** Tables are made at the start, or by the first call before it. */
  async #ready(): Promise<void> {
    if (this.#opening.done) return
    if (this.capabilities.transactions && this.#units.inTransaction())
      throw refused(
        'The tables of the jobs are not there yet, and cannot be made inside of a unit of work. Call start() first.',
      )
    await this.#opening.opened()
  }

  /** Whatever runs jobs would otherwise run them in the caller's transaction. */
  #outside(operation: string): void {
    if (this.#units.inTransaction()) throw refused(`Call ${operation}() outside of a unit of work.`)
  }

  #declaring(what: string): void {
    if (this.#state !== 'new') throw refused(`Declare ${what} before start().`)
  }
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}

function refused(message: string): InfrastructureError {
  return new InfrastructureError('precondition_failed', message)
}
