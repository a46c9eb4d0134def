import type {
  Cache,
  CacheEntryOptions,
  CacheKey,
  GetOrSetOptions,
  Load,
  TypedCacheKey,
} from '../ports/cache.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Clock } from '../ports/time.ts'
import { abortable } from '../runtime/abortable.ts'
import { cancelled } from '../runtime/clock.ts'
import { TransientMap } from '../runtime/transient.ts'
import { type Core, isStopped } from './core.ts'
import { Filling } from './filling.ts'
import { Flight } from './flight.ts'
import { Changes } from './memory/changes.ts'
import { Entry, type Shelf } from './memory/entry.ts'
import { type Policy, policyOf } from './policy.ts'
import type { Stats } from './stats.ts'
import { frameOf, Names, termsOf } from './terms.ts'
import type { Values } from './values/values.ts'

type AnyKey = string | Pick<TypedCacheKey<never>, 'text'>

/** A namespace: its keys in memory, what is being loaded, and what has changed. */
export class Scope implements Cache {
  readonly path: string
  readonly names: Names
  readonly shelf: Shelf = new Map()
  readonly changes = new Changes()
  readonly #core: Core
  readonly #clock: Clock
  readonly #values: Values
  readonly #stats: Stats
  readonly #flights = new TransientMap<string, Flight>()
  readonly #filling: Filling
  readonly #inside: (name: string) => Cache
  readonly #ended = (flight: Flight): void => {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key)
  }

  constructor(path: string, core: Core, inside: (path: string) => Scope) {
    this.path = path
    this.names = new Names(path)
    this.#core = core
    this.#clock = core.around.clock
    this.#values = core.values
    this.#stats = core.stats
    this.#filling = new Filling(this, core)
    this.#inside = name => inside(path === '' ? name : `${path}/${name}`)
  }

  getOrSet<T>(key: CacheKey<T>, load: Load<T>, options?: GetOrSetOptions): Promise<T> {
    const text = typeof key === 'string' ? key : key.text
    const entry = this.shelf.get(text)
    if (
      entry !== undefined &&
      entry.epoch === this.changes.epoch &&
      this.#clock.monotonic() < entry.readyUntil
    ) {
      entry.visited = true
      this.#stats.hits++
      return entry.give(this.#values) as Promise<T>
    }
    return this.#find(text, load, options) as Promise<T>
  }

  async get<T>(key: CacheKey<T>): Promise<T | undefined> {
    const entry = await this.#look(textOf(key))
    return entry && (entry.own(this.#values) as T)
  }

  async has(key: AnyKey): Promise<boolean> {
    return (await this.#look(textOf(key))) !== undefined
  }

  async set<T>(key: CacheKey<T>, value: NoInfer<T>, options?: CacheEntryOptions): Promise<void> {
    this.#assertRunning()
    const text = textOf(key)
    const policy = policyOf(options, this.#core.policy)
    const kept = this.#values.keep(value)
    const { clock, random } = this.#core.around
    const terms = termsOf(value, policy, clock.monotonic(), random)
    this.drop(text)
    this.#core.pool.put(this.shelf, new Entry(text, kept, terms, this.changes.sequence, this.changes.epoch))
    const frame = frameOf(terms, clock.monotonic(), this.names)
    const change = [this.path, 'key', text] as const
    await this.#core.shared?.set(this.names.key(text), kept.value, frame, change)
    this.#core.news?.tell(change)
  }

  async delete(key: AnyKey): Promise<void> {
    this.#assertRunning()
    const text = textOf(key)
    this.drop(text)
    const change = [this.path, 'key', text] as const
    await this.#core.shared?.remove(this.names.key(text), change)
    this.#core.news?.tell(change)
  }

  async deleteByTag(...tags: readonly string[]): Promise<void> {
    this.#assertRunning()
    if (tags.length === 0) return
    for (const tag of policyOf({ tags }).tags) this.changes.mark(tag)
    const marks = tags.map(tag => [this.names.tag(tag), [this.path, 'tag', tag]] as const)
    await this.#core.shared?.mark(marks)
    for (const [, change] of marks) this.#core.news?.tell(change)
  }

  async clear(): Promise<void> {
    this.#assertRunning()
    this.#core.wipe(this.path)
    const change = [this.path, 'all'] as const
    await this.#core.shared?.mark([[this.names.all, change]])
    this.#core.news?.tell(change)
  }

  namespace(name: string): Cache {
    if (!/^[\w.-]{1,60}$/.test(name))
      throw new InfrastructureError(
        'invalid_argument',
        `'${name}': name a namespace by 1 to 60 of A-Z, a-z, 0-9, '.', '_' and '-'.`,
      )
    return this.#inside(name)
  }

  /** A key was changed: what is here, and what is being loaded, is older. */
  drop(key: string): void {
    this.changes.touch()
    const flight = this.#flights.get(key)
    if (flight) this.#leave(flight)
    const entry = this.shelf.get(key)
    if (entry) this.#core.pool.remove(entry)
  }

  wipe(): void {
    this.changes.markAll()
    for (const flight of this.#flights.values()) this.#leave(flight)
    this.#core.pool.clear(this.shelf)
  }

  cancel(error: InfrastructureError): void {
    for (const flight of this.#flights.values()) flight.cancel(error)
    this.wipe()
  }

  /** What is here and was not deleted; `goneAt` has not passed. */
  current(key: string): Entry | undefined {
    const entry = this.shelf.get(key)
    if (!entry) return undefined
    if (entry.epoch !== this.changes.epoch) {
      if (this.changes.deleted(entry.born, entry.tags)) {
        this.#core.pool.remove(entry)
        return undefined
      }
      if (!this.changes.doubtful(entry)) entry.epoch = this.changes.epoch
    }
    if (this.#clock.monotonic() < entry.goneAt) return entry
    this.#core.pool.remove(entry)
    return undefined
  }

  async #find(key: string, load: Load<unknown>, options: GetOrSetOptions | undefined): Promise<unknown> {
    this.#assertRunning()
    const policy = policyOf(options, this.#core.policy)
    const signal = options?.signal
    if (signal?.aborted) throw cancelled(signal)
    const known = this.current(key)
    const now = this.#clock.monotonic()
    // Stale, it is given for a while after a load has failed.
    if (known && !this.changes.doubtful(known) && now < Math.max(known.freshUntil, known.readyUntil)) {
      this.#stats.hits++
      known.visited = true
      if (known.failure) throw known.failure.error
      if (now >= known.readyUntil) this.#refresh(key, load, policy, known)
      return known.own(this.#values)
    }
    this.#stats.misses++
    const waits = this.#wait(this.#join(key, load, policy, known), policy)
    const entry = await (signal ? abortable(waits, signal) : waits)
    return entry.own(this.#values)
  }

  /** In the background, while others have what is still fresh. */
  #refresh(key: string, load: Load<unknown>, policy: Policy, known: Entry): void {
    if (this.#flights.get(key)) return
    this.#stats.refreshes++
    const flight = this.#begin(key)
    flight.land(this.#filling.refresh(flight, load, policy, known))
  }

  /** Who asks after a deletion does not get what was being loaded before it. */
  #join(key: string, load: Load<unknown>, policy: Policy, known: Entry | undefined): Flight {
    const flying = this.#flights.get(key)
    if (flying && !this.changes.deleted(flying.born, policy.tags)) return flying
    if (flying) this.#leave(flying)
    const flight = this.#begin(key)
    flight.land(this.#filling.fill(flight, load, policy, known?.failure ? undefined : known))
    return flight
  }

  #begin(key: string): Flight {
    const flight = new Flight(key, this.changes.sequence, this.#ended)
    this.#flights.set(key, flight)
    return flight
  }

  #leave(flight: Flight): void {
    flight.superseded = true
    this.#flights.delete(flight.key)
  }

  /** Until it lands, or until the caller has waited long enough and there is something stale. */
  #wait(flight: Flight, { softMs }: Policy): Promise<Entry> {
    if (softMs === Infinity) return flight.landing
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(softMs, () => {
        flight.staleKnown.then(stale => {
          if (!flight.landed) this.#stats.stale++
          resolve(stale)
        })
      })
      flight.landing.then(resolve, reject).finally(() => timer.cancel())
    })
  }

  /** Without a load. */
  async #look(key: string): Promise<Entry | undefined> {
    this.#assertRunning()
    const known = this.current(key)
    const fresh = known && this.#clock.monotonic() < known.freshUntil && !known.failure
    if (fresh && !this.changes.doubtful(known)) {
      this.#stats.hits++
      known.visited = true
      return known
    }
    this.#stats.misses++
    return this.#filling.look(key, fresh ? known : undefined)
  }

  #assertRunning(): void {
    if (this.#core.stopped) throw isStopped()
    this.#core.start()
  }
}

const textOf = (key: AnyKey): string => (typeof key === 'string' ? key : key.text)
