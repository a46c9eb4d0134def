import type { CacheStore } from '../driver.ts'
import type { Change } from '../news.ts'

/** More than so many, and everything is deleted instead. */
const most = 10_000

/**
 * Changes that the store has missed. Once it answers again, what they changed is deleted there before anything is read: a value that was set
 * meanwhile is loaded again, which is never wrong. Then the other processes are told once more: who was told before has read what was there.
 */
export class Repairs {
  readonly #keys = new Map<string, Change>()
  readonly #tags = new Map<string, Change>()
  readonly #tell: (change: Change) => void
  #running: Promise<void> | undefined

  constructor(tell: (change: Change) => void) {
    this.#tell = tell
  }

  get pending(): number {
    return this.#keys.size + this.#tags.size
  }

  key(key: string, change: Change): void {
    this.#keys.set(key, change)
    this.#bound()
  }

  tag(tag: string, change: Change): void {
    this.#tags.set(tag, change)
    this.#bound()
  }

  /** `undefined`: there is nothing to do. */
  apply(store: CacheStore, rememberMs: number): Promise<void> | undefined {
    if (this.pending === 0) return undefined
    this.#running ??= this.#apply(store, rememberMs).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #apply(store: CacheStore, rememberMs: number): Promise<void> {
    const tags = [...this.#tags]
    if (tags.length > 0) await store.mark(tags.map(([tag]) => tag))
    for (const [tag, change] of tags) {
      this.#tags.delete(tag)
      this.#tell(change)
    }
    for (const [key, change] of this.#keys) {
      await store.remove(key, rememberMs)
      this.#keys.delete(key)
      this.#tell(change)
    }
  }

  #bound(): void {
    if (this.pending <= most) return
    this.#keys.clear()
    this.#tags.clear()
    this.#tags.set('', ['', 'all'])
  }
}
