export { type CacheOptions, type CacheService, createCache } from './cache.ts'
export { defineCacheKey } from './define-key.ts'
export type {
  BusListener,
  CacheBus,
  CacheStore,
  CacheStoreCapabilities,
  StoredEntry,
  StoreRead,
  StoreWrite,
  Tick,
} from './driver.ts'
export { type DatabaseBusOptions, databaseBus } from './drivers/database/bus.ts'
export { memoryBus, memoryStore } from './drivers/memory.ts'
export { openCache, redisStore } from './open-cache.ts'
export type { CacheDefaults } from './policy.ts'
export type { CacheStats } from './stats.ts'
export { type CacheType, type CacheTypeOptions, cacheType } from './values/types.ts'
export type { Aliasing } from './values/values.ts'
