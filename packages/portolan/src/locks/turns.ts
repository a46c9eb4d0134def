/** One's place in a line. */
export interface Turn {
  /** Whether it is one's turn. */
  readonly come: boolean
  /** Resolves when it comes. */
  readonly coming: Promise<void>
  /** Lets the next one have it, or leaves the line. Idempotent. */
  leave(): void
}

interface Place {
  come: boolean
  call(): void
}

/** A line before each lock, in this process: first come, first served. Whoever has the turn keeps it while holding the lock. */
export class Turns {
  readonly #lines = new Map<string, Place[]>()

  enter(name: string): Turn {
    const line = this.#lines.get(name) ?? []
    this.#lines.set(name, line)
    const { promise, resolve } = Promise.withResolvers<void>()
    const place: Place = {
      come: line.length === 0,
      call() {
        place.come = true
        resolve()
      },
    }
    line.push(place)
    if (place.come) resolve()
    return {
      get come() {
        return place.come
      },
      coming: promise,
      leave: () => this.#leave(name, place),
    }
  }

  #leave(name: string, place: Place): void {
    const line = this.#lines.get(name)
    const at = line?.indexOf(place) ?? -1
    if (!line || at < 0) return
    line.splice(at, 1)
    if (line.length === 0) this.#lines.delete(name)
    else if (at === 0) line[0]!.call()
  }
}
