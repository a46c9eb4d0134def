import type { Duration } from './time.ts'

/** Text, or a key that knows the type of its value: see `defineCacheKey`. Any characters, any length. */
export type CacheKey<T> = string | TypedCacheKey<T>

declare const valueType: unique symbol

/** A key that knows the type of its value. */
export interface TypedCacheKey<in out T> {
  readonly text: string
  readonly [valueType]?: (value: T) => T
}

/** How a value is kept. */
export interface CacheEntryOptions {
  /** For how long it is fresh. Default `'5m'`. */
  readonly ttl?: Duration | 'forever'
  /** For how much longer it may stand in while a load fails or is slow. Default 0. */
  readonly staleFor?: Duration
  /** What `deleteByTag` calls it by. */
  readonly tags?: readonly string[]
  /** `ttl` of `undefined` and `null`, which are kept like any other value. Default: as `ttl`. */
  readonly absentTtl?: Duration
  /** Shortens the `ttl` by up to this share, at random, so that what was loaded together does not run out together. Default 0.05. */
  readonly jitter?: number
}

export interface GetOrSetOptions extends CacheEntryOptions {
  /** Where there is a stale value: how long to wait for the load before that is given instead. The load goes on. Default: as `hardTimeout`. */
  readonly softTimeout?: Duration
  /** When a load is cancelled: its `signal` aborts, and callers get `deadline_exceeded` or what is stale. Default `'30s'`. */
  readonly hardTimeout?: Duration
  /** After which share of its `ttl` a value that is asked for is loaded anew, while it is still given. Between 0 and 1. Default: never. */
  readonly eagerRefresh?: number
  /** How long a stale value is given without trying again after a load has failed. Default `'1s'`. */
  readonly throttle?: Duration
  /** Keeps the error of a load that failed, in this process, for so long. Default 0. */
  readonly errorTtl?: Duration
  /** Gives up waiting. The load goes on for others, and for the next time. */
  readonly signal?: AbortSignal
}

/** What a load knows, and decides. */
export interface LoadContext {
  readonly key: string
  /** Aborts at the hard timeout, and when the cache is stopped. */
  readonly signal: AbortSignal
  /** What was kept and has run out, or is about to: for asking whether it has changed. */
  readonly previous: PreviousValue | undefined
  /** May be set by the load, once it knows: override what the caller gave. */
  ttl: Duration | 'forever' | undefined
  staleFor: Duration | undefined
  tags: readonly string[] | undefined
  /** Kept with the value, for the `previous` of the next load. */
  etag: string | undefined
  lastModified: string | undefined
  /** The value goes to the caller and is not kept. */
  skip(): void
  /** The previous value still holds: `return ctx.notModified()`. Throws where there is none. */
  notModified(): never
}

export interface PreviousValue {
  readonly value: unknown
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

export type Load<T> = (context: LoadContext) => T | Promise<T>

/**
 * What was expensive to get, kept for a while: in this process and, where it is set up so, for all processes.
 *
 * A store or bus that is down never fails a call: the memory or the load answers. Each caller has a value of its own, of the same type
 * whether it was kept or has just been loaded: `Date`, `Map`, `Set`, `bigint`, bytes, `undefined` and registered classes included. Rejects
 * with `invalid_argument` for what cannot be kept (functions, unknown classes, cycles), naming where in the value it is; with
 * `unavailable` after it was stopped.
 */
export interface Cache {
  /**
   * The value that is kept, or what `load` gives, which is then kept. Of all who ask at once, in all processes, one loads. Rejects with
   * the load's own error where there is nothing stale to give instead.
   *
   * @example
   * const product = await cache.getOrSet(`product:${id}`, () => products.find(id), { ttl: '10m', tags: ['catalog'], staleFor: '1h' })
   */
  getOrSet<T>(key: TypedCacheKey<T>, load: Load<NoInfer<T>>, options?: GetOrSetOptions): Promise<T>
  getOrSet<T>(key: string, load: Load<T>, options?: GetOrSetOptions): Promise<T>
  /** The value if it is kept and fresh. `undefined` may be kept, too: see `has`. */
  get<T = unknown>(key: CacheKey<T>): Promise<T | undefined>
  has(key: string | Pick<TypedCacheKey<never>, 'text'>): Promise<boolean>
  set<T>(key: CacheKey<T>, value: NoInfer<T>, options?: CacheEntryOptions): Promise<void>
  delete(key: string | Pick<TypedCacheKey<never>, 'text'>): Promise<void>
  /** Deletes all that was kept with one of the tags; what is being loaded meanwhile is not kept. The cost does not depend on how much that is. */
  deleteByTag(...tags: readonly string[]): Promise<void>
  /** Deletes everything in this namespace and those inside of it. */
  clear(): Promise<void>
  /** A part with keys and tags of its own. `name`: 1 to 60 of A-Z, a-z, 0-9, `.`, `_` and `-`. */
  namespace(name: string): Cache
}
