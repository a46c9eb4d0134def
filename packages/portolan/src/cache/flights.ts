import type { Flight } from './flight.ts'

/**
 * The loads of a namespace in progress. Not a `Map`: where keys come and go all the time, it makes itself anew again and again, and what it was
 * keeps alive what it becomes, with the flights in it, until the whole heap is looked through. An object leaves nothing behind.
 */
export class Flights {
  readonly #byKey: Record<string, Flight> = Object.create(null)

  get(key: string): Flight | undefined {
    return this.#byKey[key]
  }

  add(flight: Flight): void {
    this.#byKey[flight.key] = flight
  }

  /** Unless another one has taken its place. */
  remove(flight: Flight): void {
    if (this.#byKey[flight.key] === flight) delete this.#byKey[flight.key]
  }

  all(): readonly Flight[] {
    return Object.values(this.#byKey)
  }
}
