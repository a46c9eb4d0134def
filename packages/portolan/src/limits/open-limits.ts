import { InfrastructureError } from '../ports/errors.ts'
import { memoryLimits } from './drivers/memory.ts'
import { createLimits, type LimitService, type LimitsOptions } from './limits.ts'

/**
 * Limits in the engine that a URL names: `memory:`, for one process; `redis://user:password@host:6379/0?prefix=shop` (also `rediss:`), which
 * needs the package `ioredis`. Parameters: `prefix` (begins every key; default `portolan`), `connect_timeout` and `command_timeout`
 * (5s each). For limits in the application's own database: `createLimits({ driver: databaseLimits({ database }) })`.
 *
 * It connects when it is started or first used.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown; `unavailable` with what to install when the
 * client library is missing. The URL is in none of them: it may hold a password.
 * @example
 * await using limits = await openLimits('redis://localhost:6379?prefix=shop')
 */
export async function openLimits(
  url: string,
  options: Omit<LimitsOptions, 'driver'> = {},
): Promise<LimitService> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'memory') return createLimits({ ...options, driver: memoryLimits(options) })
  if (scheme === 'redis' || scheme === 'rediss') {
    const [{ redisLimits }, { parseRedisUrl }] = await Promise.all([
      import('./drivers/redis.ts'),
      import('../redis/index.ts'),
    ])
    return createLimits({ ...options, driver: await redisLimits(parseRedisUrl(url)) })
  }
  throw new InfrastructureError(
    'invalid_argument',
    `${scheme ? `There are no limits over '${scheme}:'` : 'The URL of the limits has no scheme'}. Use memory: or redis://; in the ` +
      "application's database, use createLimits({ driver: databaseLimits({ database }) }).",
  )
}
