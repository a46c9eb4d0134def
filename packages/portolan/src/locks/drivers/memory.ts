import { InfrastructureError } from '../../ports/errors.ts'
import type { Clock } from '../../ports/time.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { LockDriver } from '../driver.ts'

interface Entry {
  token: number
  holder: string
  heldUntil: number
  heir: string | undefined
  heirUntil: number
}

/**
 * Locks within one process; whoever is to compete shares the driver. Leases run on the monotonic clock, so that setting the machine's
 * clock frees nothing.
 *
 * @example
 * const driver = memoryLocks()
 * const locks = createLocks({ driver })
 */
export function memoryLocks({ clock = systemClock }: { readonly clock?: Clock } = {}): LockDriver {
  const entries = new Map<string, Entry>()
  const listeners = new Set<(name: string) => void>()
  let lastToken = 0

  return {
    name: 'memory',
    capabilities: { shared: false, ownClock: false, durable: false },
    async open() {},
    async acquire(name, holder, ttlMs, announceMs) {
      const now = clock.monotonic()
      const entry = entries.get(name) ?? { token: 0, holder: '', heldUntil: 0, heir: undefined, heirUntil: 0 }
      const open = entry.heir === undefined || entry.heir === holder || entry.heirUntil <= now
      const mine = entry.holder === holder && entry.heldUntil > now
      if (mine || (entry.heldUntil <= now && open)) {
        // One series for all names, so that those that are free need not be remembered.
        lastToken = Math.max(lastToken + 1, Math.floor(clock.now() * 1_000))
        entries.set(name, {
          ...{ token: lastToken, holder, heldUntil: now + ttlMs },
          ...{ heir: undefined, heirUntil: 0 },
        })
        return { taken: true, token: lastToken }
      }
      if (announceMs > 0 && open) {
        entry.heir = holder
        entry.heirUntil = now + announceMs
      }
      return { taken: false, freeInMs: Math.max(0, entry.heldUntil - now) }
    },
    async renew(name, holder, ttlMs) {
      const now = clock.monotonic()
      const entry = entries.get(name)
      if (entry?.holder !== holder || entry.heldUntil <= now) return false
      entry.heldUntil = now + ttlMs
      return true
    },
    async release(name, holder) {
      const now = clock.monotonic()
      const entry = entries.get(name)
      if (!entry) return
      if (entry.holder === holder) entry.heldUntil = 0
      if (entry.heir === holder) entry.heirUntil = 0
      if (entry.heldUntil > now) return
      if (entry.heirUntil <= now) entries.delete(name)
      for (const listener of listeners) listener(name)
    },
    onFree(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    classify: cause => new InfrastructureError('internal', 'The locks in memory failed.', { cause }),
    health: async () => ({ status: 'up' }),
    async close() {
      entries.clear()
    },
  }
}
