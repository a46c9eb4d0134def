import type { Redis } from 'ioredis'
import type { Clock } from '../../../ports/time.ts'
import { type RedisAddress, redisConnection, swiftConnection } from '../../../redis/index.ts'
import { systemClock } from '../../../runtime/clock.ts'
import type { CacheBus, CacheStore } from '../../driver.ts'
import { redisBus } from './bus.ts'
import { redisStore } from './store.ts'

/** A store and a bus in one Redis server, over two connections. */
export async function redisCache(
  address: RedisAddress,
  clock: Clock = systemClock,
): Promise<{ readonly store: CacheStore & { readonly native: Redis }; readonly bus: CacheBus }> {
  const talking = await swiftConnection(address)
  const listening = await redisConnection(address)
  return {
    store: redisStore(talking, address.prefix, clock),
    bus: redisBus(talking, listening, address.prefix, clock),
  }
}
