import { openLocks } from '../locks/index.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { RedisAddress } from '../redis/index.ts'
import { type CacheOptions, type CacheService, createCache } from './cache.ts'
import type { CacheStore } from './driver.ts'

/**
 * A cache over what a URL names: `memory:`, for one process; `redis://user:password@host:6379/0?prefix=shop` (also `rediss:`) for all: memory in
 * front, Redis behind, with its bus and locks. That needs the package `ioredis`. Parameters: `prefix` (begins every key; default `portolan`),
 * `connect_timeout` and `command_timeout` (5s each).
 *
 * It connects when it is started or first used, and works while it cannot.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown; `unavailable` with what to install when the
 * client library is missing. The URL is in none of them: it may hold a password.
 * @example
 * await using cache = await openCache('redis://localhost:6379?prefix=shop', { defaults: { ttl: '10m' } })
 */
export async function openCache(
  url: string,
  options: Omit<CacheOptions, 'store'> = {},
): Promise<CacheService> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'memory') return createCache(options)
  if (scheme === 'redis' || scheme === 'rediss') {
    const { parseRedisUrl } = await import('../redis/index.ts')
    return overRedis(url, parseRedisUrl(url), options)
  }
  throw new InfrastructureError(
    'invalid_argument',
    `${scheme ? `There is no cache over '${scheme}:'` : 'The URL of the cache has no scheme'}. Use memory: or redis://.`,
  )
}

/**
 * A store in Redis alone, to go with a bus elsewhere: `createCache({ store: await redisStore(url), bus: databaseBus({ database }) })`. The URL is that of
 * `openCache`.
 */
export async function redisStore(url: string): Promise<CacheStore> {
  const [{ redisCache }, { parseRedisUrl }] = await Promise.all([
    import('./drivers/redis/index.ts'),
    import('../redis/index.ts'),
  ])
  return (await redisCache(parseRedisUrl(url))).store
}

async function overRedis(
  url: string,
  address: RedisAddress,
  options: Omit<CacheOptions, 'store'>,
): Promise<CacheService> {
  const { redisCache } = await import('./drivers/redis/index.ts')
  const { store, bus } = await redisCache(address, options.clock)
  const own = options.locks ? undefined : await openLocks(url, options)
  const cache = createCache({ bus, ...options, store, ...(own && { locks: own }) })
  const { stop } = cache
  const both = async () => {
    await Promise.all([stop(), own?.stop()])
  }
  return Object.assign(cache, { stop: both, [Symbol.asyncDispose]: both })
}
