import type { CacheStore } from '../driver.ts'

/** More than so many, and everything is deleted instead. */
const most = 10_000

/**
 * Changes that the store has missed. Once it answers again, what they changed is deleted there before anything is read: a value that was set
 * meanwhile is loaded again, which is never wrong.
 */
export class Repairs {
  readonly #keys = new Set<string>()
  readonly #tags = new Set<string>()
  #running: Promise<void> | undefined

  get pending(): number {
    return this.#keys.size + this.#tags.size
  }

  key(key: string): void {
    this.#keys.add(key)
    this.#bound()
  }

  tags(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag)
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
    if (tags.length > 0) await store.mark(tags)
    for (const tag of tags) this.#tags.delete(tag)
    for (const key of this.#keys) {
      await store.remove(key, rememberMs)
      this.#keys.delete(key)
    }
  }

  #bound(): void {
    if (this.pending <= most) return
    this.#keys.clear()
    this.#tags.clear()
    this.#tags.add('')
  }
}
