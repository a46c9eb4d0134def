import { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { memoryLocks } from './drivers/memory.ts'
import { createLocks, type LockService } from './locks.ts'

/**
 * Locks in the engine that a URL names: `memory:`, for one process; `redis://user:password@host:6379/0?prefix=shop` (also `rediss:`), which
 * needs the package `ioredis`. Parameters: `prefix` (begins every key; default `portolan`), `connect_timeout` and `command_timeout`
 * (5s each). For locks in the application's own database: `createLocks({ driver: databaseLocks({ database }) })`.
 *
 * It connects when it is started or first used.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown; `unavailable` with what to install when the
 * client library is missing. The URL is in none of them: it may hold a password.
 * @example
 * await using locks = await openLocks('redis://localhost:6379?prefix=shop')
 */
export async function openLocks(url: string, around: Partial<Surroundings> = {}): Promise<LockService> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'memory') return createLocks({ ...around, driver: memoryLocks(around) })
  if (scheme === 'redis' || scheme === 'rediss') {
    const [{ redisLocks }, { parseRedisUrl }] = await Promise.all([
      import('./drivers/redis.ts'),
      import('../redis/index.ts'),
    ])
    return createLocks({ ...around, driver: await redisLocks(parseRedisUrl(url)) })
  }
  throw new InfrastructureError(
    'invalid_argument',
    `${scheme ? `There are no locks over '${scheme}:'` : 'The URL of the locks has no scheme'}. Use memory: or redis://; in the ` +
      "application's database, use createLocks({ driver: databaseLocks({ database }) }).",
  )
}
