/** What has happened since the cache was made; counts. */
export interface CacheStats {
  /** Answered from the memory. */
  readonly hits: number
  readonly misses: number
  /** Answered by what had run out, as a load failed or took too long. */
  readonly stale: number
  readonly loads: number
  readonly loadFailures: number
  /** Loads that were cancelled at their hard timeout. */
  readonly timeouts: number
  readonly refreshes: number
  readonly storeHits: number
  readonly storeMisses: number
  /** The store or bus did not answer, or refused. */
  readonly storeFailures: number
  readonly busFailures: number
  /** Changes that others have told of. */
  readonly received: number
  /** Times that changes may have been missed. */
  readonly gaps: number
  /** Entries of the store that could not be used: of damaged bytes, of something else, of another version of the application. */
  readonly corrupt: number
  readonly foreign: number
  readonly outdated: number
}

export type Stats = { -readonly [Name in keyof CacheStats]: number }

export const newStats = (): Stats => ({
  ...{ hits: 0, misses: 0, stale: 0, loads: 0, loadFailures: 0, timeouts: 0, refreshes: 0 },
  ...{ storeHits: 0, storeMisses: 0, storeFailures: 0, busFailures: 0, received: 0, gaps: 0 },
  ...{ corrupt: 0, foreign: 0, outdated: 0 },
})
