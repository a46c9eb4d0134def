import type { Clock, Timer } from '../../../ports/time.ts'

const shortestMs = 10
const longestMs = 250

/**
 * Tells listeners of commits: those of this process at once, those of others by polling `PRAGMA data_version`, more rarely the
 * longer nothing happens, and only while somebody listens.
 */
export class CommitWatch {
  readonly #clock: Clock
  /** Undefined where nobody else can commit. */
  readonly #dataVersion: (() => unknown) | undefined
  readonly #listeners = new Set<() => void>()
  #timer: Timer | undefined
  #version: unknown

  constructor(clock: Clock, dataVersion: (() => unknown) | undefined) {
    this.#clock = clock
    this.#dataVersion = dataVersion
  }

  listen(listener: () => void): () => void {
    // A wrapper, so that the same function may listen twice.
    const own = () => listener()
    this.#listeners.add(own)
    if (this.#dataVersion && !this.#timer) {
      this.#hasChanged(this.#dataVersion)
      this.#schedule(this.#dataVersion, shortestMs)
    }
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

  #schedule(dataVersion: () => unknown, pauseMs: number): void {
    this.#timer = this.#clock.timer(pauseMs, () => {
      const changed = this.#hasChanged(dataVersion)
      this.#schedule(dataVersion, changed ? shortestMs : Math.min(pauseMs * 2, longestMs))
      if (changed) this.signal()
    })
  }

  #hasChanged(dataVersion: () => unknown): boolean {
    try {
      const version = dataVersion()
      const changed = version !== this.#version
      this.#version = version
      return changed
    } catch {
      // Whoever uses the database meets the same fault and is told of it; the next poll looks again.
      return false
    }
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
