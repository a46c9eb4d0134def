import type { Database } from '../persistence/database.ts'
import type { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { JobCapabilities } from './capabilities.ts'
import type { JobStore } from './driver.ts'
import type { Units } from './units.ts'

/** Where jobs can be stored. */
export interface JobDriver {
  readonly capabilities: JobCapabilities
  /** For one `createJobs`. Connects to nothing yet. */
  open(terms: JobTerms): OpenedJobs
}

/** What a store is told of those that use it. */
export interface JobTerms {
  readonly surroundings: Surroundings
  /** For how long a worker that has gone silent keeps its jobs. */
  readonly leaseMs: number
  /** How often workers look for what nothing tells of. */
  readonly pollMs: number
  /** The application's, for drivers that store the jobs elsewhere. */
  readonly database: Database | undefined
}

export interface OpenedJobs {
  readonly store: JobStore
  readonly units: Units
  /** What an error of the engine means; left out where the store throws `InfrastructureError` alone. */
  classify?(error: unknown): InfrastructureError
  /** Idempotent. What the caller gave, such as a database, stays open. */
  close(): Promise<void>
}
