import { InfrastructureError } from '../ports/errors.ts'
import type { Locks } from '../ports/locks.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Pool } from './memory/pool.ts'
import type { News } from './news.ts'
import type { Policy } from './policy.ts'
import type { SharedLevel } from './shared/shared-level.ts'
import type { Stats } from './stats.ts'
import type { Values } from './values/values.ts'

/** What all namespaces of a cache share. */
export interface Core {
  readonly around: Surroundings
  readonly values: Values
  readonly pool: Pool
  readonly stats: Stats
  /** What applies where a call says nothing. */
  readonly policy: Policy
  /** How long the store, the bus and the locks may take to answer. */
  readonly timeoutMs: number
  shared: SharedLevel | undefined
  news: News | undefined
  locks: Locks | undefined
  stopped: boolean
  /** Connects, the first time. */
  start(): void
  /** Empties a namespace, and those inside of it. */
  wipe(path: string): void
}

export const isStopped = (): InfrastructureError =>
  new InfrastructureError('unavailable', 'The cache is stopped.')
