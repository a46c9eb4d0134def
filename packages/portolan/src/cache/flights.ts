import type { Flight } from './flight.ts'

/** After so many, or as many as it holds, the map is made anew. */
const fewest = 100

/**
 * The loads of a namespace in progress. Where keys come and go all the time, a `Map` makes its table anew again and again, and each table keeps
 * the next one alive, with the flights in it: of one that was old when it was left, all that came later would stay until the whole heap is looked
 * through. So another map begins every now and then.
 */
export class Flights {
  #byKey = new Map<string, Flight>()
  #left = fewest

  get(key: string): Flight | undefined {
    return this.#byKey.get(key)
  }

  add(flight: Flight): void {
    if (--this.#left < 0) {
      this.#byKey = new Map(this.#byKey)
      this.#left = Math.max(fewest, this.#byKey.size)
    }
    this.#byKey.set(flight.key, flight)
  }

  /** Unless another one has taken its place. */
  remove(flight: Flight): void {
    if (this.#byKey.get(flight.key) === flight) this.#byKey.delete(flight.key)
  }

  all(): readonly Flight[] {
    return [...this.#byKey.values()]
  }
}
