import { InfrastructureError } from '../../ports/errors.ts'
import type { Clock } from '../../ports/time.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { BusListener, CacheBus, CacheStore, StoreRead, Tick } from '../driver.ts'

const mostMarks = 10_000

interface Held {
  readonly tick: Tick
  readonly at: number
  readonly until: number
  /** `undefined`: of a deletion. */
  readonly bytes: Uint8Array | undefined
}

/**
 * Entries within one process, as a server would hold them: for tests, and for several caches of one process.
 *
 * @example
 * const store = memoryStore()
 * const cache = createCache({ store })
 */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): CacheStore {
  const held = new Map<string, Held>()
  const marks = new Map<string, Tick>()
  let lastTick = Math.floor(clock.now() * 1_000)
  let markedAt = lastTick
  marks.set('', markedAt)

  const tick = () => (lastTick = Math.max(lastTick + 1, Math.floor(clock.now() * 1_000)))

  function alive(key: string): Held | undefined {
    const entry = held.get(key)
    if (!entry || clock.monotonic() < entry.until) return entry
    held.delete(key)
    return undefined
  }

  return {
    name: 'memory',
    capabilities: { shared: false },
    async open() {},
    async read(key): Promise<StoreRead> {
      const entry = alive(key)
      if (!entry) return { entry: undefined, deletedAt: 0, markedAt }
      if (!entry.bytes) return { entry: undefined, deletedAt: entry.tick, markedAt }
      const ageMs = clock.monotonic() - entry.at
      return { entry: { tick: entry.tick, ageMs, bytes: entry.bytes }, deletedAt: 0, markedAt }
    },
    async write(key, { bytes, lifeMs, birth, tags }) {
      const now = clock.monotonic()
      if (birth !== undefined) {
        const changed = alive(key)?.tick ?? 0
        if (changed > birth || [...tags, ''].some(tag => (marks.get(tag) ?? 0) > birth)) return false
      }
      held.set(key, { tick: birth ?? tick(), at: now, until: now + lifeMs, bytes: bytes.slice() })
      return true
    },
    async remove(key, rememberMs) {
      const now = clock.monotonic()
      held.set(key, { tick: tick(), at: now, until: now + rememberMs, bytes: undefined })
    },
    async mark(tags) {
      markedAt = tick()
      for (const tag of tags) {
        marks.delete(tag)
        marks.set(tag, markedAt)
      }
      let tooMany = marks.size > mostMarks ? mostMarks / 2 : 0
      for (const [tag, at] of marks) {
        if (tooMany-- <= 0) break
        if (tag === '') continue
        marks.delete(tag)
        marks.set('', at)
      }
    },
    async marks(since) {
      return [...marks].filter(([, at]) => at > since)
    },
    classify: cause => new InfrastructureError('internal', 'The store in memory failed.', { cause }),
    health: async () => ({ status: 'up' }),
    async close() {
      held.clear()
    },
  }
}

/**
 * A bus within one process; each call of `join` is one more that listens.
 *
 * @example
 * const bus = memoryBus()
 * const caches = [createCache({ bus: bus.join() }), createCache({ bus: bus.join() })]
 */
export function memoryBus(): { join(): CacheBus } {
  const listeners = new Set<BusListener>()
  return {
    join() {
      let own: BusListener | undefined
      return {
        name: 'memory',
        async open(listener) {
          own = listener
          listeners.add(listener)
          listener.gap()
        },
        async publish(message) {
          for (const listener of listeners) listener.receive(message)
        },
        classify: cause => new InfrastructureError('internal', 'The bus in memory failed.', { cause }),
        health: async () => ({ status: 'up' }),
        async close() {
          if (own) listeners.delete(own)
        },
      }
    },
  }
}
