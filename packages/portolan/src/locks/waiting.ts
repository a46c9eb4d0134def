import type { Clock } from '../ports/time.ts'

/** Waits that can be ended early. */
export class Waiting {
  readonly #clock: Clock
  readonly #sleepers = new Map<string, Set<AbortController>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after `delayMs`, or when `name` is woken; rejects with `cancelled` when `signal` aborts. */
  async sleep(name: string, delayMs: number, signal: AbortSignal): Promise<void> {
    const sleeper = new AbortController()
    const sleepers = this.#sleepers.get(name) ?? new Set()
    this.#sleepers.set(name, sleepers.add(sleeper))
    const onAbort = () => sleeper.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal.aborted) onAbort()
      await this.#clock.sleep(delayMs, sleeper.signal)
    } catch (error) {
      if (signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
      sleepers.delete(sleeper)
      if (sleepers.size === 0) this.#sleepers.delete(name)
    }
  }

  /** `undefined`: all. */
  wake(name: string | undefined): void {
    const woken = name === undefined ? [...this.#sleepers.values()] : [this.#sleepers.get(name) ?? []]
    for (const sleepers of woken) for (const sleeper of sleepers) sleeper.abort('woken')
  }
}
