import { metrics } from '@opentelemetry/api'
import type { Pool } from './memory/pool.ts'
import type { CacheStats, Stats } from './stats.ts'

/** How the counts are called, and what tells those apart that are called alike. */
const counters: Readonly<Record<keyof CacheStats, readonly [name: string, outcome: string]>> = {
  hits: ['requests', 'hit'],
  misses: ['requests', 'miss'],
  stale: ['requests.stale', 'stale'],
  loads: ['loads', 'begun'],
  refreshes: ['loads', 'refreshed'],
  loadFailures: ['loads', 'failed'],
  timeouts: ['loads', 'timeout'],
  storeHits: ['store.reads', 'hit'],
  storeMisses: ['store.reads', 'miss'],
  corrupt: ['store.reads', 'corrupt'],
  foreign: ['store.reads', 'foreign'],
  outdated: ['store.reads', 'outdated'],
  storeFailures: ['failures', 'store'],
  busFailures: ['failures', 'bus'],
  received: ['bus.changes', 'received'],
  gaps: ['bus.gaps', 'gap'],
}

/** The counts of a cache as metrics. They are read when somebody collects them: a hit costs nothing more. */
export function observeCache(cache: string, stats: Stats, pool: Pool): () => void {
  const meter = metrics.getMeter('portolan/cache')
  const names = [...new Set(Object.values(counters).map(([name]) => name))]
  const instruments = new Map(
    names.map(name => [name, meter.createObservableCounter(`portolan.cache.${name}`)]),
  )
  const evictions = meter.createObservableCounter('portolan.cache.evictions', { unit: '{entry}' })
  const entries = meter.createObservableUpDownCounter('portolan.cache.entries', { unit: '{entry}' })
  const bytes = meter.createObservableUpDownCounter('portolan.cache.size', { unit: 'By' })
  const all = [...instruments.values(), evictions, entries, bytes]
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = result => {
    const own = { 'portolan.cache.name': cache }
    for (const [stat, [name, outcome]] of Object.entries(counters))
      result.observe(instruments.get(name)!, stats[stat as keyof CacheStats], {
        ...own,
        'portolan.cache.outcome': outcome,
      })
    result.observe(evictions, pool.evictions, own)
    result.observe(entries, pool.entries, own)
    result.observe(bytes, pool.bytes, own)
  }
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}
