import type { Clock, Timer } from '../../../ports/time.ts'

const shortestMs = 50
const longestMs = 500

/**
 * Tells listeners of commits: those of this process at once, those of others by looking, while somebody listens and the more rarely
 * the longer nothing happens, whether the server's log has grown. Every database of the server writes to it, so this is a hint.
 */
export class MysqlCommits {
  readonly #clock: Clock
  readonly #position: () => Promise<unknown>
  readonly #listeners = new Set<() => void>()
  #timer: Timer | undefined
  #looking = false
  #seen: unknown

  /** `position`: how far the log has grown. */
  constructor(clock: Clock, position: () => Promise<unknown>) {
    this.#clock = clock
    this.#position = position
  }

  listen(listener: () => void): () => void {
    // A wrapper, so that the same function may listen twice.
    const own = () => listener()
    this.#listeners.add(own)
    if (!this.#timer && !this.#looking) void this.#look(shortestMs)
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  signal(): void {
    for (const listener of this.#listeners) listener()
  }

  close(): void {
    this.#listeners.clear()
    this.#stop()
  }

  async #look(pauseMs: number): Promise<void> {
    this.#looking = true
    const changed = await this.#hasGrown()
    this.#looking = false
    if (this.#listeners.size === 0) return
    this.#timer = this.#clock.timer(pauseMs, () => {
      this.#timer = undefined
      void this.#look(changed ? shortestMs : Math.min(pauseMs * 2, longestMs))
    })
    if (changed) this.signal()
  }

  async #hasGrown(): Promise<boolean> {
    try {
      const before = this.#seen
      this.#seen = await this.#position()
      return this.#seen !== before
    } catch {
      // Whoever uses the database meets the same fault and is told of it; the next look finds what was missed.
      return false
    }
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
