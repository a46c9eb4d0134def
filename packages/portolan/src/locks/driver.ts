import type { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'

export interface LockCapabilities {
  /** Several processes may share it. */
  readonly shared: boolean
  /** Leases run on a clock of the engine's own, so those of the machines may differ. */
  readonly ownClock: boolean
  /** Tokens rise also when the process that holds the state of the locks is started anew. */
  readonly durable: boolean
}

/** What an attempt came to. */
export type Attempt =
  | { readonly taken: true; readonly token: number }
  /** `freeInMs`: when the lock runs out unless it is renewed; 0 when it is free and kept for somebody else. */
  | { readonly taken: false; readonly freeInMs: number }

/**
 * What an engine provides. A holder is named by a text without white space that is unique for each
 * acquisition. Time is the engine's own, where several
 * machines share it. Raises the engine's own errors.
 */
export interface LockDriver {
  /** For telemetry and messages. */
  readonly name: string
  readonly capabilities: LockCapabilities
  /** What is called first takes effect first: who is next need not wait until a release is answered. */
  readonly inOrder?: true
  /** Called before anything else; again when it failed. */
  open(): Promise<void>
  /**
   * One atomic step: takes the lock if it is free, has run out, or is held by `holder` already (whose answer was lost), unless another
   * heir is announced whose announcement has not run out. Whoever takes it is no heir any more.
   * Otherwise announces `holder` as the heir for `announceMs`, where nobody else is; 0 announces nobody.
   *
   * The token is higher than each before it: one more than the last, or the microseconds since the epoch, whichever is more. So it also
   * rises when the last one has been forgotten.
   */
  acquire(name: string, holder: string, ttlMs: number, announceMs: number): Promise<Attempt>
  /** Makes the lock last `ttlMs` from now; `false` when `holder` does not hold it, also where it has only run out. */
  renew(name: string, holder: string, ttlMs: number): Promise<boolean>
  /** Frees the lock if `holder` holds it, and takes the announcement back if it is the heir. */
  release(name: string, holder: string): Promise<void>
  /** Calls `listener` soon after a lock may have become free; with its name where the engine tells. A hint, never a promise. */
  onFree(listener: (name: string | undefined) => void): () => void
  classify(error: unknown): InfrastructureError
  health(): Promise<Health>
  close(): Promise<void>
}

/** For how long a lock that is free since then is remembered, so that its tokens go on where they were. */
export const rememberMs = 24 * 60 * 60 * 1_000
