import type { Leadership, Lock } from '../ports/locks.ts'
import type { Surroundings } from '../runtime/surroundings.ts'

export interface Candidacy {
  readonly name: string
  readonly pauseMs: number
  /** Waits for the lock for as long as it takes. */
  acquire(signal: AbortSignal): Promise<Lock>
  work(lock: Lock): void | Promise<void>
}

/** Runs for the lead again and again, until it resigns. */
export class Candidate implements Leadership {
  readonly #candidacy: Candidacy
  readonly #surroundings: Surroundings
  readonly #resigned = new AbortController()
  /** Resolves when it takes part no more. */
  readonly ended: Promise<void>
  #lock: Lock | undefined

  constructor(candidacy: Candidacy, surroundings: Surroundings) {
    this.#candidacy = candidacy
    this.#surroundings = surroundings
    this.ended = this.#run()
  }

  get lock(): Lock | undefined {
    return this.#lock?.held ? this.#lock : undefined
  }

  async resign(): Promise<void> {
    this.#resigned.abort()
    await this.ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign()
  }

  async #run(): Promise<void> {
    const { name, pauseMs } = this.#candidacy
    const { clock, logger } = this.#surroundings
    const { signal } = this.#resigned
    while (!signal.aborted) {
      try {
        await this.#lead(await this.#candidacy.acquire(signal))
      } catch (error) {
        if (signal.aborted) return
        logger.warn('The lead could not be won or was left by an error; trying again.', { lead: name, error })
      }
      // Others first.
      await clock.sleep(pauseMs, signal).catch(() => {})
    }
  }

  async #lead(lock: Lock): Promise<void> {
    const { name, work } = this.#candidacy
    const { logger } = this.#surroundings
    this.#lock = lock
    logger.info('This process leads now.', { lead: name, token: lock.token })
    try {
      await work(lock)
    } catch (error) {
      // What it threw because it was told to stop is no failure.
      if (!lock.signal.aborted) throw error
    } finally {
      this.#lock = undefined
      await lock.release()
      logger.info('This process leads no more.', { lead: name, token: lock.token })
    }
  }
}
