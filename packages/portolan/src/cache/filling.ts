import type { Load } from '../ports/cache.ts'
import type { Lock } from '../ports/locks.ts'
import { tracer, withSpan } from '../runtime/telemetry.ts'
import { type Core, isStopped } from './core.ts'
import type { Context, Flight } from './flight.ts'
import { Loads } from './loads.ts'
import type { Changes } from './memory/changes.ts'
import { Entry, type Shelf, type Terms } from './memory/entry.ts'
import { decided, type Policy } from './policy.ts'
import type { Seen, SharedLevel } from './shared/shared-level.ts'
import { frameOf, type Names, termsFrom, termsOf } from './terms.ts'

/** Renewed while a load goes on: for so long others wait for a process that has died. */
const lockTtlMs = 5_000
/** One warning of failing loads in so long. */
const quietMs = 10_000
/** Another copy is newer only if it lasts longer by this share of a life, and this much: ages are known to a round trip. */
const clearlyLonger = 0.05
const clearlyLongerMs = 20

/** Of the namespace that is filled. */
interface Place {
  readonly names: Names
  readonly shelf: Shelf
  readonly changes: Changes
}

/** How a key that is not in memory gets its value: from the store, or by a load, of which there is one in all processes. */
export class Filling {
  readonly #scope: Place
  readonly #core: Core
  readonly #loads: Loads
  readonly #spans = tracer('cache')
  #warnedAt = -Infinity

  constructor(scope: Place, core: Core) {
    this.#scope = scope
    this.#core = core
    this.#loads = new Loads(core.around.clock, core.stats)
  }

  /** `known` has run out, or is in doubt. */
  fill(flight: Flight, load: Load<unknown>, policy: Policy, known: Entry | undefined): Promise<Entry> {
    const { shared } = this.#core
    if (shared) return this.#fillFrom(shared, flight, load, policy, known)
    flight.stale = known
    return this.#load(flight, load, policy, undefined)
  }

  async #fillFrom(
    shared: SharedLevel,
    flight: Flight,
    load: Load<unknown>,
    policy: Policy,
    known: Entry | undefined,
  ): Promise<Entry> {
    const seen = await shared.read(this.#scope.names.key(flight.key))
    const found = this.#foundFresh(seen, flight)
    if (found) return found
    // The memory is believed while the store cannot be asked, and stays in doubt.
    if (known && !seen && this.#isFresh(known)) return known
    // What is in doubt and not in the store may have been deleted.
    flight.stale = known && !this.#scope.changes.doubtful(known) ? known : this.#entryOf(seen, flight)
    if (!seen || !this.#core.locks) return this.#load(flight, load, policy, seen)
    return this.#loadAlone(flight, load, policy)
  }

  /** `known` is fresh, and to be loaded anew. */
  async refresh(flight: Flight, load: Load<unknown>, policy: Policy, known: Entry): Promise<Entry> {
    const { shared, locks } = this.#core
    flight.stale = known
    const longer = this.#lastsLonger(known, policy)
    const key = this.#scope.names.key(flight.key)
    const before = await shared?.read(key)
    const found = this.#foundFresh(before, flight, longer)
    if (found) return found
    if (!before || !locks) return this.#load(flight, load, policy, before)
    const lock = await this.#lock(key, 0)
    if (!lock) {
      // Somebody else loads it.
      known.readyUntil = Math.min(known.freshUntil, Math.floor(this.#now() + policy.throttleMs))
      return known
    }
    try {
      const seen = await shared!.read(key)
      return this.#foundFresh(seen, flight, longer) ?? (await this.#load(flight, load, policy, seen))
    } finally {
      void lock.release()
    }
  }

  /** Without a load. `known` is fresh, and in doubt. */
  async look(key: string, known: Entry | undefined): Promise<Entry | undefined> {
    const { changes, names } = this.#scope
    const born = changes.sequence
    const seen = await this.#core.shared?.read(names.key(key))
    if (!seen) return known
    const entry = this.#entryOf(seen, { key, born })
    if (!entry || !this.#isFresh(entry)) return undefined
    if (changes.sequence === born) this.#core.pool.put(this.#scope.shelf, entry)
    return entry
  }

  /** Under a lock of the key, which who waits for it need not take: the store may have the value by then. */
  async #loadAlone(flight: Flight, load: Load<unknown>, policy: Policy): Promise<Entry> {
    const key = this.#scope.names.key(flight.key)
    const until = this.#now() + policy.hardMs
    for (;;) {
      const lock = await this.#lock(key, this.#core.timeoutMs)
      try {
        const seen = await this.#core.shared!.read(key)
        const found = this.#foundFresh(seen, flight)
        if (found) return found
        if (lock || !seen || this.#now() >= until) return await this.#load(flight, load, policy, seen)
      } finally {
        void lock?.release()
      }
    }
  }

  async #lock(key: string, waitMs: number): Promise<Lock | undefined> {
    const { locks, around, timeoutMs } = this.#core
    const giveUp = new AbortController()
    const timer = around.clock.timer(waitMs + timeoutMs, () => giveUp.abort())
    try {
      return await locks!.acquire(`cache${key}`, { ttl: lockTtlMs, wait: waitMs, signal: giveUp.signal })
    } catch {
      // Better twice than not at all.
      return undefined
    } finally {
      timer.cancel()
    }
  }

  async #load(flight: Flight, load: Load<unknown>, policy: Policy, seen: Seen | undefined): Promise<Entry> {
    if (this.#core.stopped) throw isStopped()
    const context = flight.context(flight.stale, this.#core.values)
    let value: unknown
    try {
      value = await withSpan(this.#spans, 'cache.load', {}, () =>
        this.#loads.run(flight.key, load, context, policy.hardMs),
      )
    } catch (error) {
      return this.#failed(flight, policy, error)
    }
    return this.#keep(flight, context, value, decided(policy, context), seen)
  }

  #keep(
    flight: Flight,
    context: Context,
    value: unknown,
    policy: Policy,
    seen: Seen | undefined,
  ): Entry | Promise<Entry> {
    const { values, around } = this.#core
    const { changes } = this.#scope
    const kept = context.unchanged ? flight.stale! : values.keep(value)
    const previous = context.unchanged ? flight.stale : undefined
    const terms = termsOf(kept.value, policy, this.#now(), around.random, {
      etag: context.etag ?? previous?.etag,
      lastModified: context.lastModified ?? previous?.lastModified,
    })
    const entry = new Entry(flight.key, kept, terms, flight.born, changes.epoch)
    if (context.skipped) return entry
    return seen ? this.#keepInStore(flight, entry, terms, seen) : this.#keepHere(flight, entry)
  }

  async #keepInStore(flight: Flight, entry: Entry, terms: Terms, { birth }: Seen): Promise<Entry> {
    const { names } = this.#scope
    if (this.#isOvertaken(flight, entry)) return entry
    const frame = frameOf(terms, this.#now(), names)
    const taken = await this.#core.shared!.fill(names.key(flight.key), entry.value, frame, birth)
    return taken ? this.#keepHere(flight, entry) : entry
  }

  #keepHere(flight: Flight, entry: Entry): Entry {
    if (this.#isOvertaken(flight, entry)) return entry
    entry.epoch = this.#scope.changes.epoch
    if (entry.goneAt > this.#now()) this.#core.pool.put(this.#scope.shelf, entry)
    return entry
  }

  #isOvertaken({ superseded, born }: Flight, { tags }: Entry): boolean {
    return superseded || this.#core.stopped || this.#scope.changes.deleted(born, tags)
  }

  /** What is stale instead, or the error of the load as it is. */
  #failed(flight: Flight, policy: Policy, error: unknown): Entry {
    const { stats, pool, around, stopped } = this.#core
    const { changes, shelf } = this.#scope
    const { stale, key, born } = flight
    stats.loadFailures++
    const now = this.#now()
    const usable = stale && !stopped && now < stale.goneAt && !changes.deleted(stale.born, stale.tags)
    if (usable) {
      if (!this.#isFresh(stale)) stats.stale++
      this.#warn(error)
      stale.readyUntil = Math.min(Math.floor(now + policy.throttleMs), stale.goneAt)
      stale.epoch = changes.epoch
      if (!stale.shelf && !flight.superseded) pool.put(shelf, stale)
      return stale
    }
    if (policy.errorMs > 0 && !flight.superseded && !stopped) {
      const until = Math.floor(now + policy.errorMs)
      const terms = { ...termsOf(undefined, policy, now, around.random), freshUntil: until, goneAt: until }
      const nothing = { value: undefined, fixed: true, size: 500 }
      pool.put(shelf, new Entry(key, nothing, terms, born, changes.epoch, { error }))
    }
    throw error
  }

  /** In memory from now on, where nothing has changed meanwhile. */
  #foundFresh(
    seen: Seen | undefined,
    flight: Flight,
    accepts: (entry: Entry) => boolean = () => true,
  ): Entry | undefined {
    const entry = this.#entryOf(seen, flight)
    if (!entry || !this.#isFresh(entry) || !accepts(entry)) return undefined
    const { changes, shelf } = this.#scope
    if (!flight.superseded && !changes.deleted(entry.born, entry.tags)) {
      entry.epoch = changes.epoch
      this.#core.pool.put(shelf, entry)
    }
    return entry
  }

  #entryOf(seen: Seen | undefined, { key, born }: { key: string; born: number }): Entry | undefined {
    if (!seen?.found) return undefined
    const { value, size, frame, ageMs } = seen.found
    const now = this.#now()
    const terms = termsFrom(frame, ageMs, now, this.#scope.names)
    if (terms.goneAt <= now) return undefined
    return new Entry(key, this.#core.values.own(value, size), terms, born, this.#scope.changes.epoch)
  }

  #lastsLonger({ freshUntil }: Entry, { ttlMs }: Policy): (entry: Entry) => boolean {
    return entry => entry.freshUntil > freshUntil + clearlyLonger * ttlMs + clearlyLongerMs
  }

  #isFresh({ freshUntil }: Entry): boolean {
    return this.#now() < freshUntil
  }

  #now(): number {
    return this.#core.around.clock.monotonic()
  }

  #warn(error: unknown): void {
    const now = this.#now()
    if (now - this.#warnedAt < quietMs) return
    this.#warnedAt = now
    this.#core.around.logger.warn('Loads of the cache fail; what is stale is given instead.', { error })
  }
}
