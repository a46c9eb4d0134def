import type { Entry, Shelf } from './entry.ts'

/** What an entry takes besides its key and value. */
const overhead = 250

export interface PoolLimits {
  readonly maxEntries: number
  /** By estimate. */
  readonly maxBytes: number
}

/**
 * Bounds what all shelves hold, by the SIEVE algorithm (Zhang et al., NSDI 2024): a hit only sets a flag; a hand that goes from the oldest to the
 * newest takes away what was not asked for since it last came by.
 */
export class Pool {
  readonly #limits: PoolLimits
  #newest: Entry | undefined
  #oldest: Entry | undefined
  #hand: Entry | undefined
  entries = 0
  bytes = 0
  evictions = 0

  constructor(limits: PoolLimits) {
    this.#limits = limits
  }

  /** In place of what is there. What is larger than all of the room is not kept. */
  put(shelf: Shelf, entry: Entry): void {
    const before = shelf.get(entry.key)
    if (before) this.remove(before)
    if (sizeOf(entry) > this.#limits.maxBytes || this.#limits.maxEntries < 1) return
    shelf.set(entry.key, entry)
    entry.shelf = shelf
    entry.older = this.#newest
    if (this.#newest) this.#newest.newer = entry
    this.#newest = entry
    this.#oldest ??= entry
    this.entries++
    this.bytes += sizeOf(entry)
    while (this.entries > this.#limits.maxEntries || this.bytes > this.#limits.maxBytes) this.#evict(entry)
  }

  /** Idempotent. */
  remove(entry: Entry): void {
    const { shelf, newer, older } = entry
    if (!shelf) return
    shelf.delete(entry.key)
    if (this.#hand === entry) this.#hand = newer
    if (newer) newer.older = older
    else this.#newest = older
    if (older) older.newer = newer
    else this.#oldest = newer
    entry.shelf = entry.newer = entry.older = undefined
    this.entries--
    this.bytes -= sizeOf(entry)
  }

  clear(shelf: Shelf): void {
    for (const entry of shelf.values()) this.remove(entry)
  }

  /** Anything but what has just come. */
  #evict(arrived: Entry): void {
    let hand = this.#hand ?? this.#oldest!
    while (hand.visited || hand === arrived) {
      hand.visited = false
      hand = hand.newer ?? this.#oldest!
    }
    this.#hand = hand.newer
    this.remove(hand)
    this.evictions++
  }
}

const sizeOf = ({ key, size }: Entry): number => overhead + key.length + size
