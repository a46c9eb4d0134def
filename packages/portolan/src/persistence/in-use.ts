import { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'

/** What uses a database outside of any transaction, transactions themselves included; for its closing, which waits for them. */
export class InUse {
  readonly #surroundings: Surroundings
  #running = 0
  #idle: (() => void) | undefined
  #closed = false

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** @throws InfrastructureError `unavailable` once it is closed. */
  enter(): void {
    if (this.#closed) {
      throw new InfrastructureError(
        'unavailable',
        'The database was closed. Open it again, or stop what still uses it first.',
      )
    }
    this.#running++
  }

  leave(): void {
    if (--this.#running === 0) this.#idle?.()
  }

  /** Lets nobody in any more, waits until all have left, and has `close` close. Its signal aborts after `timeoutMs` of both. */
  async close(timeoutMs: number, close: (late: AbortSignal) => Promise<void>): Promise<void> {
    this.#closed = true
    const { clock, logger } = this.#surroundings
    const idle = Promise.withResolvers<void>()
    this.#idle = idle.resolve
    if (this.#running === 0) idle.resolve()
    const late = new AbortController()
    const timer = clock.timer(timeoutMs, () => {
      logger.warn('The database is closed although something still uses it, which is rolled back.', {
        running: this.#running,
      })
      late.abort()
      idle.resolve()
    })
    try {
      await idle.promise
      await close(late.signal)
    } finally {
      timer.cancel()
    }
  }
}
