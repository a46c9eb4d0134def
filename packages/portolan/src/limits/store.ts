import { InfrastructureError } from '../ports/errors.ts'
import type { Clock } from '../ports/time.ts'
import { Deadlines } from '../runtime/deadlines.ts'
import { Opening } from '../runtime/opening.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { LimitDriver, Rule, Taken } from './driver.ts'

/** After a failure the store is left alone for so long: whoever asks would wait for nothing. */
const restMs = 1_000
/** One warning in so long. */
const quietMs = 10_000

/** What a step came to, or why the store could not be asked. */
export type Answer = Taken | InfrastructureError

/** The driver with a time limit and a breaker, so that a store that is down costs the work nothing. */
export class Store {
  readonly clock: Clock
  readonly shared: boolean
  readonly #driver: LimitDriver
  readonly #timeoutMs: number
  readonly #deadlines: Deadlines
  readonly #surroundings: Surroundings
  readonly #opening: Opening
  #closed: Promise<void> | undefined
  #resting: { readonly until: number; readonly error: InfrastructureError } | undefined
  #warnedAt = -Infinity

  constructor(driver: LimitDriver, timeoutMs: number, around: Surroundings) {
    this.clock = around.clock
    this.shared = driver.capabilities.shared
    this.#driver = driver
    this.#opening = new Opening(() => driver.open())
    this.#timeoutMs = timeoutMs
    this.#deadlines = new Deadlines(around.clock, timeoutMs)
    this.#surroundings = around
  }

  async start(): Promise<void> {
    try {
      await this.#opening.opened()
    } catch (error) {
      throw this.#convert(error)
    }
  }

  async stop(): Promise<void> {
    this.#closed ??= this.#driver.close()
    await this.#closed
  }

  /**
   * What it came to; an error that says why the store could not be asked. At once where the driver knows at once. Rejects for the
   * mistakes of the caller.
   */
  take(key: string, rule: Rule, cost: number): Answer | Promise<Answer> {
    const resting = this.#resting
    if (resting && this.clock.monotonic() < resting.until) return resting.error
    try {
      const taken =
        this.#opening.done && !this.#closed
          ? this.#driver.take(key, rule, cost)
          : this.#ask(() => this.#driver.take(key, rule, cost))
      if (taken instanceof Promise) return this.#inTime(taken).then(this.#answered, this.#failed)
      return this.#answered(taken)
    } catch (thrown) {
      return this.#failed(thrown)
    }
  }

  async forget(key: string, rule: Rule): Promise<void> {
    try {
      await this.#inTime(this.#ask(() => this.#driver.forget(key, rule)))
    } catch (error) {
      throw this.#convert(error)
    }
  }

  readonly #answered = (taken: Taken): Taken => {
    if (this.#resting) this.#resting = undefined
    return taken
  }

  readonly #failed = (thrown: unknown): InfrastructureError => {
    const error = this.#convert(thrown)
    if (error.code === 'precondition_failed' || error.code === 'invalid_argument') throw error
    this.#rest(error)
    return error
  }

  async #ask<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#closed) throw new InfrastructureError('unavailable', 'The limits are stopped.')
    await this.#opening.opened()
    return await work()
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait = this.#deadlines.begin(() => reject(this.#tooLate()))
      work.then(
        value => {
          this.#deadlines.end(wait)
          resolve(value)
        },
        error => {
          this.#deadlines.end(wait)
          reject(error)
        },
      )
    })
  }

  #tooLate(): InfrastructureError {
    const message = `The store of the limits did not answer within ${this.#timeoutMs} ms.`
    return new InfrastructureError('unavailable', message, { retry: 'later' })
  }

  #convert(error: unknown): InfrastructureError {
    return InfrastructureError.is(error) ? error : this.#driver.classify(error)
  }

  #rest(error: InfrastructureError): void {
    const now = this.clock.monotonic()
    this.#resting = { until: now + restMs, error }
    if (now - this.#warnedAt < quietMs) return
    this.#warnedAt = now
    this.#surroundings.logger.warn('The store of the limits cannot be asked.', {
      driver: this.#driver.name,
      error,
    })
  }
}
