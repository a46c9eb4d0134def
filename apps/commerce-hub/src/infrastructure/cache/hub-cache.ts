import type { Clock, Logger, Service } from 'portolan'
import { type CacheOptions, type CacheService, createCache, databaseBus, openCache } from 'portolan/cache'
import type { Database } from 'portolan/persistence'
import type { CacheFigures, LookupFigures } from '../../application/ports/operations.ts'
import type { HubConfig } from '../config.ts'
import { cachedTypes } from './cached-types.ts'
import { Lookups } from './lookups.ts'

/** What the shop looks up often and changes seldom. */
export interface HubCache extends Required<Pick<Service, 'start' | 'health' | 'stop'>> {
  /** Those of one kind, which are counted together. */
  lookups(name: string): Lookups
  figures(): Promise<CacheFigures>
}

export async function openHubCache(
  { cacheUrl }: Pick<HubConfig, 'cacheUrl'>,
  uses: { readonly database: Database; readonly logger: Logger; readonly clock: Clock },
): Promise<HubCache> {
  const { database, logger, clock } = uses
  const cache = await open(cacheUrl.reveal(), database, {
    logger,
    clock,
    types: cachedTypes,
    // Who looks something up changes nothing of it.
    values: 'frozen',
    defaults: { ttl: '10m' },
  })
  const figures: LookupFigures[] = []
  return {
    lookups(name) {
      const counted = { name, hits: 0, misses: 0 }
      figures.push(counted)
      return new Lookups(cache, database, counted)
    },
    async figures() {
      const { entries, bytes } = cache.stats()
      const { status, detail } = await cache.health()
      return { lookups: figures, entries, bytes, trouble: status === 'up' ? undefined : (detail ?? status) }
    },
    start: () => cache.start(),
    health: () => cache.health(),
    stop: () => cache.stop(),
  }
}

/** `database:` is the memory of each process, told of changes through the database. */
async function open(url: string, database: Database, options: CacheOptions): Promise<CacheService> {
  if (url !== 'database:') return openCache(url, options)
  return createCache({
    ...options,
    bus: databaseBus({ database, ...(options.clock && { clock: options.clock }) }),
  })
}
