import { InfrastructureError } from '../ports/errors.ts'
import { Deadlines } from '../runtime/deadlines.ts'
import { Opening } from '../runtime/opening.ts'
import type { Surroundings } from '../runtime/surroundings.ts'

/** One warning in so long. */
const quietMs = 10_000

/** The answer of an engine that could not be asked. */
export const down: unique symbol = Symbol('down')
export type Down = typeof down

export interface Guarded {
  readonly name: string
  open(): Promise<void>
  classify(error: unknown): InfrastructureError
}

export interface GuardOptions {
  /** Begins the warning, as in `The store of the cache`. */
  readonly what: string
  readonly timeoutMs: number
  /** After a failure the engine is left alone for so long: whoever asks would wait for nothing. */
  readonly restMs: number
  /** What must be done before anything else once it answers again; called before each work, and cheap where there is nothing to do. */
  readonly before?: () => Promise<void> | undefined
  /** Is told of each failure. */
  readonly failed?: () => void
}

/** An engine with a time limit and a breaker: it may be down, slow or full without failing, or holding up, who asks it. */
export class Guard {
  readonly #engine: Guarded
  readonly #options: GuardOptions
  readonly #around: Surroundings
  readonly #opening: Opening
  readonly #deadlines: Deadlines
  #restUntil = -Infinity
  #warnedAt = -Infinity

  constructor(engine: Guarded, options: GuardOptions, around: Surroundings) {
    this.#engine = engine
    this.#opening = new Opening(() => engine.open())
    this.#options = options
    this.#deadlines = new Deadlines(around.clock, options.timeoutMs)
    this.#around = around
  }

  /** Whether it is being left alone. */
  get resting(): boolean {
    // The clock is asked where it matters: most have never failed.
    return this.#restUntil > -Infinity && this.#around.clock.monotonic() < this.#restUntil
  }

  /** Never rejects. */
  ask<T>(work: () => Promise<T>): Promise<T | Down> {
    if (this.resting) return Promise.resolve(down)
    return new Promise(resolve => {
      const wait = this.#deadlines.begin(() => fail(this.#tooLate()))
      const fail = (error: unknown) => {
        this.#deadlines.end(wait)
        this.#fail(error)
        resolve(down)
      }
      const { before: first } = this.#options
      const before = this.#opening.done ? first?.() : this.#opening.opened().then(first)
      const working = before ? before.then(work) : work()
      working.then(answer => {
        this.#deadlines.end(wait)
        resolve(answer)
      }, fail)
    })
  }

  #tooLate(): InfrastructureError {
    const { what, timeoutMs } = this.#options
    return new InfrastructureError('unavailable', `${what} did not answer within ${timeoutMs} ms.`, {
      retry: 'later',
    })
  }

  #fail(thrown: unknown): void {
    const error = InfrastructureError.is(thrown) ? thrown : this.#engine.classify(thrown)
    const now = this.#around.clock.monotonic()
    // What is out of room can still be read.
    if (error.code !== 'resource_exhausted') this.#restUntil = now + this.#options.restMs
    this.#options.failed?.()
    if (now - this.#warnedAt < quietMs) return
    this.#warnedAt = now
    const { what } = this.#options
    this.#around.logger.warn(`${what} cannot be asked; the memory and the loads answer.`, {
      ...{ engine: this.#engine.name, error },
    })
  }
}
