import type { Cache, TypedCacheKey } from 'portolan'
import type { Database } from 'portolan/persistence'

/** Lookups of one kind, answered from the cache where they can be. */
export class Lookups {
  readonly #cache: Cache
  readonly #database: Database
  readonly #counted: { hits: number; misses: number }

  constructor(cache: Cache, database: Database, counted: { hits: number; misses: number }) {
    this.#cache = cache
    this.#database = database
    this.#counted = counted
  }

  /** `tagsOf` says what makes the value obsolete. A `load` that finds nothing gives `null`, which is kept as well. */
  async find<T>(
    key: TypedCacheKey<T>,
    load: () => Promise<T>,
    tagsOf: (value: T) => readonly string[],
  ): Promise<T> {
    let loaded = false
    const fill = () =>
      this.#cache.getOrSet<T>(key, async context => {
        loaded = true
        const value = await load()
        context.tags = tagsOf(value)
        return value
      })
    if (!this.#database.inTransaction()) {
      const value = await fill()
      this.#count(!loaded)
      return value
    }
    // What a unit of work reads may be undone, and nobody must wait for one who waits for a unit of work: it looks for itself, and
    // what it had to look for is kept once it has ended.
    const known = await this.#cache.get(key)
    this.#count(known !== undefined)
    if (known !== undefined) return known
    this.#database.afterCommit(() => {
      fill().catch(() => {})
    })
    return load()
  }

  /** What has one of the tags is looked up anew, once the unit of work in progress is committed. */
  forget(tags: readonly string[]): void {
    this.#database.afterCommit(() => this.#cache.deleteByTag(...tags))
  }

  #count(hit: boolean): void {
    if (hit) this.#counted.hits++
    else this.#counted.misses++
  }
}
