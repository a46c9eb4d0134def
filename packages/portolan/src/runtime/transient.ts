/** After so many additions, or as many as there are members, a new map begins. */
const fewest = 100

/**
 * A map for what comes and goes all the time. A `Map` then makes its table anew again and again, and each table keeps the next one alive: once one
 * has grown old before it is left, all that was ever put into those after it stays until the whole heap is looked through, and each collection
 * of what is young copies it. So another map begins now and then, to which nothing leads.
 */
export class TransientMap<K, V> {
  #map = new Map<K, V>()
  #left = fewest

  get size(): number {
    return this.#map.size
  }

  get(key: K): V | undefined {
    return this.#map.get(key)
  }

  set(key: K, value: V): void {
    if (--this.#left < 0) {
      this.#map = new Map(this.#map)
      this.#left = Math.max(fewest, this.#map.size)
    }
    this.#map.set(key, value)
  }

  delete(key: K): void {
    this.#map.delete(key)
  }

  /** Of this moment: what is changed meanwhile may be in it or not. */
  values(): IterableIterator<V> {
    return this.#map.values()
  }
}

/** A set for what comes and goes all the time: see `TransientMap`. */
export class TransientSet<T> {
  readonly #members = new TransientMap<T, T>()

  get size(): number {
    return this.#members.size
  }

  add(member: T): void {
    this.#members.set(member, member)
  }

  delete(member: T): void {
    this.#members.delete(member)
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.values()
  }
}
