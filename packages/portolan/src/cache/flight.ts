import type { LoadContext, PreviousValue } from '../ports/cache.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Duration } from '../ports/time.ts'
import type { Entry } from './memory/entry.ts'
import type { Values } from './values/values.ts'

/** A load in progress, and all who wait for it. */
export class Flight {
  readonly key: string
  /** The sequence of its namespace when it began. */
  readonly born: number
  readonly landing: Promise<Entry>
  /** The key was changed meanwhile: what it comes to is for those who wait, and not kept. */
  superseded = false
  readonly #landing = Promise.withResolvers<Entry>()
  #landed = false
  #staleKnown: PromiseWithResolvers<Entry> | undefined
  #stale: Entry | undefined
  #context: Context | undefined

  constructor(key: string, born: number, ended: (flight: Flight) => void) {
    this.key = key
    this.born = born
    this.landing = this.#landing.promise
    const landed = () => {
      this.#landed = true
      ended(this)
    }
    // Also so that it may fail although nobody waits for it.
    this.landing.then(landed, landed)
  }

  get stale(): Entry | undefined {
    return this.#stale
  }

  set stale(entry: Entry | undefined) {
    this.#stale = entry
    if (entry) this.#staleKnown?.resolve(entry)
  }

  get landed(): boolean {
    return this.#landed
  }

  /** Resolves once there is something to give instead. */
  get staleKnown(): Promise<Entry> {
    this.#staleKnown ??= Promise.withResolvers()
    if (this.#stale) this.#staleKnown.resolve(this.#stale)
    return this.#staleKnown.promise
  }

  context(previous: Entry | undefined, values: Values): Context {
    this.#context = new Context(this.key, previous, values)
    return this.#context
  }

  land(work: Promise<Entry>): void {
    work.then(this.#landing.resolve, this.#landing.reject)
  }

  cancel(error: InfrastructureError): void {
    this.#landing.reject(error)
    this.#context?.abort(error)
  }
}

export class Context implements LoadContext {
  readonly key: string
  ttl: Duration | 'forever' | undefined = undefined
  staleFor: Duration | undefined = undefined
  tags: readonly string[] | undefined = undefined
  etag: string | undefined = undefined
  lastModified: string | undefined = undefined
  skipped = false
  unchanged = false
  readonly #previous: Entry | undefined
  readonly #values: Values
  // Few loads look at their signal.
  #controller: AbortController | undefined
  #reason: InfrastructureError | undefined

  constructor(key: string, previous: Entry | undefined, values: Values) {
    this.key = key
    this.#previous = previous
    this.#values = values
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  get previous(): PreviousValue | undefined {
    if (!this.#previous) return undefined
    const { value, fixed, etag, lastModified } = this.#previous
    return { value: fixed ? value : this.#values.copy(value), etag, lastModified }
  }

  skip(): void {
    this.skipped = true
  }

  notModified(): never {
    if (!this.#previous)
      throw new InfrastructureError(
        'precondition_failed',
        'There is no previous value that could hold: look at ctx.previous first.',
      )
    this.unchanged = true
    // Whatever is returned, the previous value counts.
    return undefined as never
  }

  abort(error: InfrastructureError): void {
    this.#reason = error
    this.#controller?.abort(error)
  }
}
