import type { Cache } from '../ports/cache.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Locks } from '../ports/locks.ts'
import type { Health, Service } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { type Core, isStopped } from './core.ts'
import type { CacheBus, CacheStore } from './driver.ts'
import { Pool } from './memory/pool.ts'
import { observeCache } from './metrics.ts'
import { type Change, News } from './news.ts'
import { type CacheDefaults, policyOf } from './policy.ts'
import { Scopes } from './scopes.ts'
import { SharedLevel } from './shared/shared-level.ts'
import { type CacheStats, newStats } from './stats.ts'
import type { CacheType } from './values/types.ts'
import { type Aliasing, Values } from './values/values.ts'

export interface CacheOptions extends Partial<Surroundings> {
  /** Behind the memory, for all processes. Closed with the cache. */
  readonly store?: CacheStore
  /** Tells other processes of changes. Closed with the cache. */
  readonly bus?: CacheBus
  /** Of all processes that ask for a key which is not there, one loads. They stay yours to close. */
  readonly locks?: Locks
  /** What the memory holds at most. Default 100,000. */
  readonly maxEntries?: number
  /** As before, in bytes, by estimate. Default 64 MiB. */
  readonly maxBytes?: number
  /** How callers have values of their own. Default `'copied'`. */
  readonly values?: Aliasing
  /** Classes that can be kept. */
  readonly types?: readonly CacheType[]
  /** Of what the application keeps: entries of other versions in the store are not read. Default `'1'`. */
  readonly version?: string
  /** In the store, values of more bytes than this are compressed. Default: none. */
  readonly compressOver?: number
  /** Options where a call gives none. */
  readonly defaults?: CacheDefaults
  /** How long store and bus may take to answer before they are taken for down. Default `'500ms'`. */
  readonly timeout?: Duration
  /** How long they are left alone then. Default `'1s'`. */
  readonly rest?: Duration
  /** In metrics. Default `'cache'`. */
  readonly name?: string
}

/** A cache with the life of a service. */
export interface CacheService extends Cache, Required<Omit<Service, 'drain'>>, AsyncDisposable {
  /** Connects to the store and the bus where that is possible in time; otherwise it works without them, and goes on trying. Never rejects. */
  start(): Promise<void>
  /** Cancels the loads in progress; who waits for them gets `unavailable`. Idempotent. */
  stop(): Promise<void>
  /** `degraded` while the store or the bus does not answer. */
  health(): Promise<Health>
  stats(): CacheStats & { readonly entries: number; readonly bytes: number; readonly evictions: number }
}

/**
 * A cache in memory; with a store behind it for all processes, a bus that tells them of changes, and locks so that one of them loads.
 *
 * @throws InfrastructureError `invalid_argument` for options that make no sense.
 * @example
 * await using cache = createCache({ defaults: { ttl: '10m', staleFor: '1h' } })
 */
export function createCache(options: CacheOptions = {}): CacheService {
  const around = surroundings(options)
  const { store, bus, locks, defaults, name = 'cache' } = options
  const timeoutMs = milliseconds(options.timeout ?? '500ms', 'timeout')
  const restMs = milliseconds(options.rest ?? '1s', 'rest')
  const stats = newStats()
  const values = new Values(options.types ?? [], options.values ?? 'copied')
  const pool = new Pool({
    maxEntries: atLeastNothing(options.maxEntries ?? 100_000, 'maxEntries'),
    maxBytes: atLeastNothing(options.maxBytes ?? 64 * 2 ** 20, 'maxBytes'),
  })
  const format = {
    types: values.types,
    version: options.version ?? '1',
    compressOver: atLeastNothing(options.compressOver ?? Infinity, 'compressOver'),
  }
  const tell = (change: Change) => core.news?.tell(change)
  const core: Core = {
    ...{ around, values, pool, stats, timeoutMs, locks, policy: policyOf(defaults), stopped: false },
    shared: store && new SharedLevel({ store, format, timeoutMs, restMs, tell }, stats, around),
    news: undefined,
    start: () => void start(),
    wipe: path => scopes.wipe(path),
  }
  const scopes = new Scopes(core)
  if (bus) core.news = new News({ bus, timeoutMs, restMs }, scopes, stats, around)
  const unobserve = observeCache(name, stats, pool)
  let started: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  function start(): Promise<void> {
    started ??= Promise.all([core.shared?.start(), core.news?.start()]).then(() => {})
    return started
  }

  async function close(): Promise<void> {
    core.stopped = true
    scopes.cancel(isStopped())
    unobserve()
    // What was changed last is told before the connections end.
    await core.news?.close()
    await core.shared?.close()
  }

  /** An engine behind a network that swallows everything does not even say that it is down. */
  async function inTime(engine: CacheStore | CacheBus): Promise<Health> {
    const answered = new AbortController()
    const late: Health = { status: 'down', detail: `${engine.name}: No answer.` }
    const waiting = around.clock.sleep(timeoutMs, answered.signal).then(
      () => late,
      () => late,
    )
    try {
      return await Promise.race([engine.health(), waiting])
    } finally {
      answered.abort()
    }
  }

  async function health(): Promise<Health> {
    const states = await Promise.all([store && inTime(store), bus && inTime(bus)])
    const troubled = states.flatMap(state => (state && state.status !== 'up' ? (state.detail ?? []) : []))
    if (states.every(state => !state || state.status === 'up')) return { status: 'up' }
    return { status: 'degraded', detail: `Without ${troubled.join(', ') || 'the store or bus'}` }
  }

  const service = {
    start,
    stop: () => (stopping ??= close()),
    health,
    stats: () => ({ ...stats, entries: pool.entries, bytes: pool.bytes, evictions: pool.evictions }),
    [Symbol.asyncDispose]: () => service.stop(),
  }
  // The root namespace itself, so that a hit takes no detour.
  return Object.assign(scopes.at(''), service)
}

function atLeastNothing(value: number, name: string): number {
  if (value >= 0) return value
  throw new InfrastructureError('invalid_argument', `${name}: ${value} is no limit. Give a number from 0.`)
}
