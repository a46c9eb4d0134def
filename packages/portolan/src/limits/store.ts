import { InfrastructureError } from '../ports/errors.ts'
import type { Clock } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { LimitDriver, Rule, Taken } from './driver.ts'

/** After a failure the store is left alone for so long: whoever asks would wait for nothing. */
const restMs = 1_000
/** One warning in so long. */
const quietMs = 10_000

/** The driver with a time limit and a breaker, so that a store that is down costs the work nothing. */
export class Store {
  readonly clock: Clock
  readonly #driver: LimitDriver
  readonly #timeoutMs: number
  readonly #surroundings: Surroundings
  #opened: Promise<void> | undefined
  #isOpen = false
  #closed: Promise<void> | undefined
  #resting: { readonly until: number; readonly error: InfrastructureError } | undefined
  #warnedAt = -Infinity

  constructor(driver: LimitDriver, timeoutMs: number, around: Surroundings) {
    this.clock = around.clock
    this.#driver = driver
    this.#timeoutMs = timeoutMs
    this.#surroundings = around
  }

  async start(): Promise<void> {
    try {
      await this.#open()
    } catch (error) {
      throw this.#convert(error)
    }
  }

  async stop(): Promise<void> {
    this.#closed ??= this.#driver.close()
    await this.#closed
  }

  /** What it came to; an error that says why the store could not be asked. Rejects for the mistakes of the caller. */
  async take(key: string, rule: Rule, cost: number): Promise<Taken | InfrastructureError> {
    const resting = this.#resting
    if (resting && this.clock.monotonic() < resting.until) return resting.error
    try {
      const taken = await this.#inTime(() => this.#driver.take(key, rule, cost))
      this.#resting = undefined
      return taken
    } catch (thrown) {
      const error = this.#convert(thrown)
      if (error.code === 'precondition_failed' || error.code === 'invalid_argument') throw error
      this.#rest(error)
      return error
    }
  }

  async forget(key: string): Promise<void> {
    try {
      await this.#inTime(() => this.#driver.forget(key))
    } catch (error) {
      throw this.#convert(error)
    }
  }

  async #inTime<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new InfrastructureError('unavailable', 'The limits are stopped.')
    const late = Promise.withResolvers<never>()
    const timer = this.clock.timer(this.#timeoutMs, () => late.reject(this.#tooLate()))
    try {
      return await Promise.race([this.#isOpen ? work() : this.#open().then(work), late.promise])
    } finally {
      timer.cancel()
    }
  }

  #open(): Promise<void> {
    this.#opened ??= this.#driver.open().then(
      () => {
        this.#isOpen = true
      },
      error => {
        // So that a later call tries again, when the cause has been removed.
        this.#opened = undefined
        throw error
      },
    )
    return this.#opened
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
