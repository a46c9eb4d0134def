import { AsyncLocalStorage } from 'node:async_hooks'
import { InfrastructureError } from '../ports/errors.ts'
import type { JobHandler, JobType } from '../ports/jobs.ts'
import type { Health } from '../ports/service.ts'
import { abortable } from '../runtime/abortable.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Alarm } from './alarm.ts'
import { Arrivals, type ArrivalsHost, type ArrivalsOptions } from './arrivals.ts'
import { Completion } from './completion.ts'
import type { ClaimedJob, JobStore } from './driver.ts'
import { type ExchangeHost, Exchanges } from './exchanges.ts'
import { Lane, type LaneHost } from './lane.ts'
import { Lanes } from './lanes.ts'
import { Lease } from './lease.ts'
import type { JobMetrics } from './metrics.ts'
import { Patrol, type PatrolHost } from './patrol.ts'
import type { Scheduler } from './scheduler.ts'
import { Settlement } from './settlement.ts'
import type { Units } from './units.ts'

/**
 * From a commit of anybody until the store is asked for due jobs: many commits then cost one look. What this process commits is
 * known at once, without it.
 */
const hintMs = 20
/** The longest pause between two tries to reach a store that fails. */
const longestPauseMs = 5_000
/** What handlers get to end in once the time for draining is up and their signals have aborted. */
const lastMomentMs = 50

export interface WorkerOptions extends ArrivalsOptions {
  readonly units: Units
  readonly store: JobStore
  readonly scheduler: Scheduler
  readonly leaseMs: number
  readonly pollMs: number
}

/**
 * Does the jobs of this process. One loop talks to the store, one exchange at a time: what was finished since the last one is settled
 * and more is claimed in one transaction, so batches grow with the load, without timers. A started worker keeps its process alive.
 */
export class Worker implements LaneHost, PatrolHost, ExchangeHost, ArrivalsHost {
  readonly completion: Completion
  /** To be told of what this process enqueues. */
  readonly arrivals: Arrivals
  readonly #units: Units
  readonly #store: JobStore
  readonly #scheduler: Scheduler
  readonly #surroundings: Surroundings
  readonly #metrics: JobMetrics
  readonly #pollMs: number
  readonly #lease: Lease
  readonly #patrol: Patrol
  readonly #alarm: Alarm
  readonly #hint: Alarm
  readonly #lanes = new Lanes()
  readonly #exchanges: Exchanges
  readonly #closing = new AbortController()
  #context: (work: () => void) => void = work => work()
  readonly #drained = Promise.withResolvers<void>()
  #woken = Promise.withResolvers<void>()
  #lookWanted = true
  #draining = false
  #oriented = false
  #failure: unknown
  #ended: Promise<unknown> | undefined

  constructor(options: WorkerOptions) {
    const { units, store, capabilities, scheduler, surroundings, metrics, leaseMs, pollMs } = options
    this.#units = units
    this.#store = store
    this.#scheduler = scheduler
    this.#surroundings = surroundings
    this.#metrics = metrics
    this.#pollMs = Math.min(pollMs, leaseMs / 3)
    this.#lease = new Lease(store.sessions, surroundings, leaseMs)
    this.completion = new Completion(units, store, capabilities, job => this.#letGo(job))
    this.#patrol = new Patrol(this.#lease, this.#lanes, store.inspection, surroundings, this.#pollMs, this)
    this.#exchanges = new Exchanges(store, this.#lease, this.#lanes, surroundings.logger, this)
    this.arrivals = new Arrivals(this.#lanes, this.#exchanges, options, this)
    this.#alarm = new Alarm(surroundings.clock, () => this.look())
    this.#hint = new Alarm(surroundings.clock, () => this.look())
  }

  declare(type: JobType, handler: JobHandler<unknown>, concurrency: number): void {
    this.#lanes.add(
      new Lane(type, handler, concurrency, this.#surroundings, this, this.#metrics.of(type.name)),
    )
  }

  get settlement(): Settlement {
    return this.#exchanges.settlement
  }

  handles(type: string): boolean {
    return this.#lanes.get(type) !== undefined
  }

  /** The types that it does and that are not paused. */
  get active(): readonly string[] {
    return this.#lanes.active
  }

  /** Whether there is nothing that it would ever do. */
  get isIdle(): boolean {
    return this.#lanes.types.length === 0 && this.#scheduler.isEmpty
  }

  get isStarted(): boolean {
    return this.#ended !== undefined
  }

  start(): void {
    this.#context = AsyncLocalStorage.snapshot()
    this.#lease.keepWhileBlocked(this.#lanes.longestTimeoutMs)
    const unlisten = this.#units.onCommit(() => this.#hint.within(hintMs))
    this.#ended = Promise.all([this.#loop(), this.#patrol.until(this.#closing.signal)]).finally(unlisten)
  }

  get isOpen(): boolean {
    return this.isStarted && this.#oriented && !this.#draining
  }

  /** Whoever calls it, handlers carry the context of the worker, not that of a request. */
  begin(): void {
    this.#context(() => this.#begin())
  }

  wake(): void {
    this.#woken.resolve()
  }

  /** Has the store asked soon for what is due. */
  look(): void {
    this.#lookWanted = true
    this.wake()
  }

  giveBack(jobs: readonly ClaimedJob[]): void {
    this.settlement.returned.push(...jobs)
    this.wake()
  }

  /** Does all that is due, and what the handlers enqueue for now; resolves with the number of attempts. */
  async runDue(): Promise<number> {
    const before = this.#lanes.begun
    const done = new AbortController()
    const keeping = this.#patrol.until(done.signal)
    try {
      await this.#patrol.once()
      // What is due but held back by a limit stays: two rounds in vain are enough.
      for (let inVain = 0; inVain < 2; ) {
        const claimed = this.#exchanges.claimed
        for (;;) {
          if (await this.#turn()) continue
          if (this.#isQuiet) break
          await this.#rest()
        }
        await this.#look()
        if (!this.#lanes.anyHungry) break
        inVain = this.#exchanges.claimed === claimed ? inVain + 1 : 0
      }
      return this.#lanes.begun - before
    } finally {
      done.abort()
      await keeping
      await this.#lease.close()
    }
  }

  async drain(signal: AbortSignal): Promise<void> {
    if (!this.#ended) return
    this.#draining = true
    this.giveBack(this.#lanes.unstarted())
    this.wake()
    await abortable(this.#drained.promise, signal).catch(() => {})
    if (!signal.aborted) return
    this.#lanes.interrupt('drain')
    await this.#drainedWithin(lastMomentMs)
    this.#lanes.abandon()
    this.wake()
    // A store that cannot be reached must not hold up the shutdown: what is still held comes back with the lease.
    await this.#drainedWithin(longestPauseMs)
  }

  async stop(): Promise<void> {
    if (!this.#ended || this.#closing.signal.aborted) return this.#ended?.then(() => {})
    await this.drain(AbortSignal.abort())
    this.#closing.abort()
    this.#alarm.cancel()
    this.#hint.cancel()
    this.wake()
    await this.#ended
    await this.#lease.close()
  }

  health(): Health {
    if (this.#failure === undefined) return { status: 'up' }
    const detail = InfrastructureError.is(this.#failure) ? this.#failure.message : 'see the log'
    return { status: 'degraded', detail: `The store of the jobs fails: ${detail}` }
  }

  async #loop(): Promise<void> {
    let pauseMs = 0
    while (!this.#closing.signal.aborted) {
      try {
        if (!(await this.#turn())) {
          if (this.#draining && this.#isQuiet) this.#drained.resolve()
          await this.#rest()
        }
        pauseMs = 0
        this.#failure = undefined
      } catch (error) {
        this.#failure = error
        pauseMs = Math.min(longestPauseMs, Math.max(100, pauseMs * 2))
        this.#surroundings.logger.error('The store of the jobs could not be reached; it is tried again.', {
          error,
          pauseMs,
        })
        await this.#surroundings.clock.sleep(pauseMs, this.#closing.signal).catch(() => {})
      }
    }
  }

  /** One exchange with the store; `false` when there was nothing to exchange. */
  async #turn(): Promise<boolean> {
    if (!this.#oriented) {
      // What is paused must be known before anything is claimed.
      await this.#patrol.once()
      this.#oriented = true
    }
    if (this.#lookWanted) await this.#look()
    if (!(await this.#exchanges.next(this.#draining ? [] : this.#lanes.claims()))) return false
    this.#begin()
    return true
  }

  #begin(): void {
    if (this.#draining) this.giveBack(this.#lanes.unstarted())
    else this.#lanes.start()
  }

  /** Fires the schedules and finds out which types have something due, and when the next one will. */
  async #look(): Promise<void> {
    this.#lookWanted = false
    const { clock } = this.#surroundings
    if (this.#scheduler.nextAt <= clock.now()) await this.#scheduler.fire()
    this.lookWithin(this.#scheduler.nextAt - clock.now())
    for (const [queue, inMs] of await this.#store.nextDue(this.#lanes.types)) {
      if (inMs > 0) this.lookWithin(inMs)
      else this.#lanes.setHungry([queue], true)
    }
  }

  /** Times that are further away than the next poll are found by it. */
  lookWithin(delayMs: number): void {
    if (delayMs <= this.#pollMs) this.#alarm.within(Math.max(1, delayMs))
  }

  /** Our jobs are, or soon will be, in other hands. */
  lose(): void {
    this.#surroundings.logger.error(
      'The job worker lost its lease. Its jobs are stopped; others may do them again.',
    )
    this.#lease.forget()
    this.#exchanges.settlement = new Settlement()
    this.#lanes.unstarted()
    this.#lanes.interrupt('lease-lost')
    this.#lanes.setHungry(this.#lanes.types, true)
    this.wake()
  }

  async #drainedWithin(delayMs: number): Promise<void> {
    const enough = new AbortController()
    const time = this.#surroundings.clock.sleep(delayMs, enough.signal).catch(() => {})
    await Promise.race([this.#drained.promise, time])
    enough.abort()
  }

  /** A handler has completed its job: the next of its group may be claimed. */
  #letGo({ queue, group }: ClaimedJob): void {
    const lane = this.#lanes.get(queue)
    if (group === null || !lane) return
    lane.hungry = true
    this.wake()
  }

  /** Nothing runs, and all that has run is settled. */
  get #isQuiet(): boolean {
    return this.settlement.isEmpty && this.#lanes.running === 0
  }

  async #rest(): Promise<void> {
    await this.#woken.promise
    this.#woken = Promise.withResolvers()
  }
}
