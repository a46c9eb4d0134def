import { systemClock } from '../runtime/clock.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { LeaseKeeper, PatrolReport, SessionStore } from './driver.ts'

/** The session of a worker, and the lease that keeps it: one row, however many jobs it holds. */
export class Lease {
  readonly #sessions: SessionStore
  readonly #surroundings: Surroundings
  readonly #leaseMs: number
  #session: string | undefined
  /** When the last successful renewal was sent: the lease holds at least from then, whenever the answer came. */
  #renewedAt = 0
  #blockedMs: number | undefined
  #keeper: LeaseKeeper | undefined

  constructor(sessions: SessionStore, surroundings: Surroundings, leaseMs: number) {
    this.#sessions = sessions
    this.#surroundings = surroundings
    this.#leaseMs = leaseMs
  }

  /**
   * From now on, sessions are kept while the event loop is blocked, for as long as a handler that keeps within `timeoutMs` can block it. Not
   * in simulated time, which a blocked process does not keep.
   */
  keepWhileBlocked(timeoutMs: number): void {
    if (this.#surroundings.clock === systemClock) this.#blockedMs = timeoutMs + this.#leaseMs
  }

  /** The session; a fresh one when there is none. */
  async session(): Promise<string> {
    if (this.#session === undefined) {
      const sentAt = this.#surroundings.clock.monotonic()
      this.#session = await this.#sessions.open(this.#leaseMs)
      this.#renewedAt = sentAt
      if (this.#blockedMs !== undefined)
        this.#keeper = this.#sessions.keep(this.#session, this.#leaseMs, this.#blockedMs)
    }
    return this.#session
  }

  /** The session, when there is one. */
  get current(): string | undefined {
    return this.#session
  }

  /** Renews when a third of the lease has passed; `false` when the session is, or must be taken to be, in other hands. */
  async renew(): Promise<boolean> {
    if (this.#session === undefined) return true
    this.#keeper?.alive()
    const sentAt = this.#surroundings.clock.monotonic()
    if (sentAt - this.#renewedAt < this.#leaseMs / 3) return true
    try {
      if (!(await this.#sessions.renew(this.#session, this.#leaseMs))) return false
      this.#renewedAt = sentAt
      return true
    } catch (error) {
      this.#surroundings.logger.warn('The lease of the job worker could not be renewed.', { error })
      return this.#surroundings.clock.monotonic() - this.#renewedAt < this.#leaseMs
    }
  }

  /** Frees the jobs of workers that are gone, and reads what people want of the workers. */
  async patrol(): Promise<PatrolReport> {
    const report = await this.#sessions.patrol(this.#session)
    const workers = report.rescued
    if (workers > 0) {
      this.#surroundings.logger.warn('The jobs of workers that are gone were freed.', { workers })
    }
    return report
  }

  isHeldBy(session: string): boolean {
    return this.#session === session
  }

  /** The session is no longer ours. */
  forget(): void {
    this.#session = undefined
    void this.#keeper?.stop()
    this.#keeper = undefined
  }

  /** Gives back everything. Never rejects: where the store cannot be reached, the lease ends by itself. */
  async close(): Promise<void> {
    const session = this.#session
    this.forget()
    if (session === undefined) return
    try {
      await this.#sessions.close(session)
    } catch (error) {
      this.#surroundings.logger.warn(
        'The session of the job worker could not be closed; its lease will end.',
        { error },
      )
    }
  }
}
