import type { Delivery } from './driver.ts'

/** Deliveries that wait for their turn: of one key, one at a time and in order; those without a key as they come. */
export class Lanes<D extends Delivery = Delivery> {
  readonly #ready: D[] = []
  #next = 0
  /** The keys in hand, with what waits behind them. */
  readonly #behind = new Map<string, D[]>()

  add(delivery: D): void {
    const { key } = delivery.message
    if (key !== undefined) {
      const behind = this.#behind.get(key)
      if (behind) {
        behind.push(delivery)
        return
      }
      this.#behind.set(key, [])
    }
    this.#ready.push(delivery)
  }

  /** Up to `limit` whose turn it is, of different keys, which are taken until `done` or `evict`. */
  take(limit: number): readonly D[] {
    const taken = this.#ready.slice(this.#next, this.#next + limit)
    this.#next += taken.length
    // Moved in blocks: `shift` on a long array would copy it each time.
    if (this.#next >= 256) {
      this.#ready.splice(0, this.#next)
      this.#next = 0
    }
    return taken
  }

  /** `delivery` is settled: the next of its key has its turn. */
  done({ message: { key } }: D): void {
    if (key === undefined) return
    const follower = this.#behind.get(key)?.shift()
    if (follower) this.#ready.push(follower)
    else this.#behind.delete(key)
  }

  /** `delivery` was given back: so must be what waits behind it. */
  evict({ message: { key } }: D): readonly D[] {
    if (key === undefined) return []
    const behind = this.#behind.get(key) ?? []
    this.#behind.delete(key)
    return behind
  }

  /** Everything that nobody has taken. */
  clear(): readonly D[] {
    const waiting = this.#ready.splice(0).slice(this.#next)
    this.#next = 0
    for (const behind of this.#behind.values()) waiting.push(...behind.splice(0))
    return waiting
  }
}
