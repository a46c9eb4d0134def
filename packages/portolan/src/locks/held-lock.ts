import { InfrastructureError } from '../ports/errors.ts'
import type { Lock } from '../ports/locks.ts'
import type { Timer } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { LockDriver } from './driver.ts'

/** Renewals in the time of a lease. */
const renewals = 3
/** The part of a lease that is used: the rest is for clocks of differing pace, and for the work to stop. */
const usable = 0.95

export interface Holding {
  readonly name: string
  readonly holder: string
  readonly token: number
  readonly ttlMs: number
  /** When the attempt that took it was sent: the lease lasts at least from then, whenever the answer came. */
  readonly sentAt: number
  /** The caller's. */
  readonly signal: AbortSignal | undefined
}

export interface Ends {
  /** Others may try to take it. Called once or twice. */
  passOn(): void
  /** It is held no more, and nothing of it goes on. Called once. */
  ended(): void
}

/** Renews a lock until it is released, and tells when it is lost. */
export class HeldLock implements Lock {
  readonly name: string
  readonly token: number
  readonly #holding: Holding
  readonly #driver: LockDriver
  readonly #surroundings: Surroundings
  readonly #ends: Ends
  /** Made when somebody asks for the signal: most work under a lock is short, and never does. */
  #controller: AbortController | undefined
  #onAbort: (() => void) | undefined
  #validUntil: number
  #renewal: Timer | undefined
  #expiry: Timer | undefined
  #state: 'held' | 'lost' | 'released' = 'held'
  #loss: InfrastructureError | undefined
  #releasing: Promise<void> | undefined

  constructor(holding: Holding, driver: LockDriver, surroundings: Surroundings, ends: Ends) {
    const { name, token, sentAt, ttlMs } = holding
    this.name = name
    this.token = token
    this.#holding = holding
    this.#driver = driver
    this.#surroundings = surroundings
    this.#ends = ends
    this.#validUntil = sentAt + ttlMs * usable
    this.#renewIn(ttlMs / renewals)
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    const { signal } = this.#holding
    if (this.#loss) controller.abort(this.#loss)
    else if (signal?.aborted) controller.abort(signal.reason)
    else if (signal && this.#state === 'held') {
      this.#onAbort = () => controller.abort(signal.reason)
      signal.addEventListener('abort', this.#onAbort, { once: true })
    }
    return controller.signal
  }

  get held(): boolean {
    return this.#state === 'held' && this.#surroundings.clock.monotonic() < this.#validUntil
  }

  release(): Promise<void> {
    this.#releasing ??= this.#release()
    return this.#releasing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  /** @throws InfrastructureError `conflict` when it is not held any more. */
  confirm(): void {
    if (this.#state === 'held' && !this.held) this.lose('It could not be renewed in time.')
    if (this.#loss) throw this.#loss
  }

  /** It can be held no more: `reason` says why. */
  lose(reason: string, cause?: unknown): void {
    if (this.#state !== 'held') return
    this.#state = 'lost'
    this.#surroundings.logger.warn('A lock was lost.', {
      lock: this.name,
      token: this.token,
      reason,
      error: cause,
    })
    this.#loss = lost(this.name, reason, cause)
    this.#controller?.abort(this.#loss)
    // Where only the answers were lost, it is still ours.
    void this.release()
  }

  async #release(): Promise<void> {
    if (this.#state === 'held') this.#state = 'released'
    this.#renewal?.cancel()
    this.#expiry?.cancel()
    if (this.#onAbort) this.#holding.signal?.removeEventListener('abort', this.#onAbort)
    try {
      const released = this.#driver.release(this.name, this.#holding.holder)
      if (this.#driver.inOrder) this.#ends.passOn()
      await released
    } catch (error) {
      const fields = { lock: this.name, error }
      this.#surroundings.logger.warn('A lock could not be released; it will run out.', fields)
    } finally {
      this.#ends.passOn()
      this.#ends.ended()
    }
  }

  #renewIn(delayMs: number): void {
    this.#renewal = this.#surroundings.clock.timer(delayMs, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    const { holder, ttlMs } = this.#holding
    const sentAt = this.#surroundings.clock.monotonic()
    // From now on it may be lost; before, only a process that stood still can have lost it, which comes by here when it goes on.
    this.#watch()
    try {
      const renewed = await this.#driver.renew(this.name, holder, ttlMs)
      if (this.#state !== 'held') return
      if (!renewed) return this.lose('It ran out before it was renewed.')
      this.#expiry?.cancel()
      this.#validUntil = sentAt + ttlMs * usable
      this.#renewIn(ttlMs / renewals)
    } catch (error) {
      if (this.#state !== 'held') return
      const fields = { lock: this.name, error }
      this.#surroundings.logger.warn('A lock could not be renewed; trying again.', fields)
      this.#renewIn(ttlMs / renewals / 5)
    }
  }

  /** Independent of the renewal: it may hang. */
  #watch(): void {
    this.#expiry?.cancel()
    const { clock } = this.#surroundings
    const left = this.#validUntil - clock.monotonic()
    this.#expiry = clock.timer(Math.max(0, left), () => this.lose('It could not be renewed in time.'))
  }
}

function lost(name: string, reason: string, cause?: unknown): InfrastructureError {
  return new InfrastructureError(
    'conflict',
    `The lock '${name}' was lost while it was held, so others may have worked at the same time. ${reason}`,
    { cause, details: { lock: name } },
  )
}
