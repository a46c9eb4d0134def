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

/** Renews a lock until it is released, and tells when it is lost. */
export class HeldLock implements Lock {
  readonly name: string
  readonly token: number
  readonly #holding: Holding
  readonly #driver: LockDriver
  readonly #surroundings: Surroundings
  readonly #ended: () => void
  readonly #controller = new AbortController()
  readonly #onAbort: () => void
  #validUntil: number
  #renewal: Timer | undefined
  #expiry: Timer | undefined
  #state: 'held' | 'lost' | 'released' = 'held'
  #loss: InfrastructureError | undefined
  #releasing: Promise<void> | undefined

  /** `ended` is called once, when it is held no more. */
  constructor(holding: Holding, driver: LockDriver, surroundings: Surroundings, ended: () => void) {
    const { name, token, sentAt, ttlMs, signal } = holding
    this.name = name
    this.token = token
    this.#holding = holding
    this.#driver = driver
    this.#surroundings = surroundings
    this.#ended = ended
    this.#validUntil = sentAt + ttlMs * usable
    this.#onAbort = () => this.#controller.abort(signal!.reason)
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (signal?.aborted) this.#onAbort()
    this.#renewIn(ttlMs / renewals)
    this.#watch()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
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
    this.#controller.abort(this.#loss)
    // Where only the answers were lost, it is still ours.
    void this.release()
  }

  async #release(): Promise<void> {
    if (this.#state === 'held') this.#state = 'released'
    this.#renewal?.cancel()
    this.#expiry?.cancel()
    this.#holding.signal?.removeEventListener('abort', this.#onAbort)
    try {
      await this.#driver.release(this.name, this.#holding.holder)
    } catch (error) {
      const fields = { lock: this.name, error }
      this.#surroundings.logger.warn('A lock could not be released; it will run out.', fields)
    } finally {
      this.#ended()
    }
  }

  #renewIn(delayMs: number): void {
    this.#renewal = this.#surroundings.clock.timer(delayMs, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    const { holder, ttlMs } = this.#holding
    const { clock } = this.#surroundings
    const sentAt = clock.monotonic()
    try {
      const renewed = await this.#driver.renew(this.name, holder, ttlMs)
      if (this.#state !== 'held') return
      if (!renewed) return this.lose('It ran out before it was renewed.')
      this.#validUntil = sentAt + ttlMs * usable
      this.#renewIn(ttlMs / renewals)
      this.#watch()
    } catch (error) {
      if (this.#state !== 'held') return
      const fields = { lock: this.name, error }
      this.#surroundings.logger.warn('A lock could not be renewed; trying again.', fields)
      this.#renewIn(ttlMs / renewals / 5)
    }
  }

  /** Independent of the renewals: one of them may hang. */
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
