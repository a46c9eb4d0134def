import { InfrastructureError } from '../../ports/errors.ts'
import type { Clock } from '../../ports/time.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { LimitDriver, Rule } from '../driver.ts'
import { MemoryKeys } from './memory-keys.ts'

export interface MemoryLimitsOptions {
  readonly clock?: Clock
  /** Of each limit. Beyond it, keys that were not asked for lately are forgotten, and begin with a full quota again. Default 100,000. */
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
  const limits = new Map<string, MemoryKeys>()

  function keysOf({ name }: Rule): MemoryKeys {
    let keys = limits.get(name)
    if (!keys) {
      keys = new MemoryKeys(maxKeys)
      limits.set(name, keys)
    }
    return keys
  }

  return {
    name: 'memory',
    capabilities: { shared: false, ownClock: false },
    async open() {},
    take: (key, rule, cost) => keysOf(rule).take(key, rule, cost, clock.monotonic()),
    async forget(key, rule) {
      keysOf(rule).forget(key)
    },
    classify: cause => new InfrastructureError('internal', 'The limits in memory failed.', { cause }),
    health: async () => ({ status: 'up' }),
    async close() {
      limits.clear()
    },
  }
}
