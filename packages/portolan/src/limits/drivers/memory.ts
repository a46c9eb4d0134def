import { InfrastructureError } from '../../ports/errors.ts'
import type { Clock } from '../../ports/time.ts'
import { systemClock } from '../../runtime/clock.ts'
import { decide, forgetAfterMs, unused } from '../decide.ts'
import type { LimitDriver, State } from '../driver.ts'

export interface MemoryLimitsOptions {
  readonly clock?: Clock
  /** Beyond it, the keys that were asked for longest ago are forgotten, and begin with a full quota again. Default 100,000. */
  readonly maxKeys?: number
}

/**
 * Limits within one process, on the monotonic clock.
 *
 * @example
 * const limits = createLimits({ driver: memoryLimits({ maxKeys: 10_000 }) })
 */
export function memoryLimits({
  clock = systemClock,
  maxKeys = 100_000,
}: MemoryLimitsOptions = {}): LimitDriver {
  // In the order in which they were asked for.
  const states = new Map<string, State & { readonly forgetAt: number }>()

  /** A few at a time, so that no call pays for all. */
  function forgetOld(now: number): void {
    for (const [key, { forgetAt }] of states) {
      if (forgetAt > now && states.size <= maxKeys) return
      states.delete(key)
    }
  }

  return {
    name: 'memory',
    capabilities: { shared: false, ownClock: false },
    async open() {},
    async take(key, rule, cost) {
      const now = clock.monotonic()
      const taken = decide(rule, states.get(key) ?? unused, now, cost)
      const { a, b, c, strikes, strikeAt } = taken
      states.delete(key)
      states.set(key, { a, b, c, strikes, strikeAt, forgetAt: now + forgetAfterMs(rule) })
      forgetOld(now)
      return taken
    },
    async forget(key) {
      states.delete(key)
    },
    classify: cause => new InfrastructureError('internal', 'The limits in memory failed.', { cause }),
    health: async () => ({ status: 'up' }),
    async close() {
      states.clear()
    },
  }
}
