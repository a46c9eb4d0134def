import { TransientMap } from '../runtime/transient.ts'

/** One's place in a line. */
export interface Turn {
  /** Whether it is one's turn. */
  readonly come: boolean
  /** Resolves when it comes. */
  readonly coming: Promise<void>
  /** Lets the next one have it, or leaves the line. Idempotent. */
  leave(): void
}

class Place implements Turn {
  come: boolean
  readonly leave: () => void
  #coming: PromiseWithResolvers<void> | undefined

  constructor(come: boolean, leave: () => void) {
    this.come = come
    this.leave = leave
  }

  get coming(): Promise<void> {
    this.#coming ??= Promise.withResolvers()
    if (this.come) this.#coming.resolve()
    return this.#coming.promise
  }

  call(): void {
    this.come = true
    this.#coming?.resolve()
  }
}

/** A line before each lock, in this process: first come, first served. Whoever has the turn keeps it while holding the lock. */
export class Turns {
  readonly #lines = new TransientMap<string, Place[]>()

  enter(name: string): Turn {
    const waiting = this.#lines.get(name)
    const line = waiting ?? []
    if (!waiting) this.#lines.set(name, line)
    const place: Place = new Place(line.length === 0, () => this.#leave(name, place))
    line.push(place)
    return place
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
