import type { DeadLetter } from 'portolan'

/** How much work is in hand, and what went wrong with it. */
export interface Operations {
  workload(): Promise<Workload>
  /** Work that failed and will be tried again, the next first. */
  retrying(limit: number): Promise<readonly RetryingWork[]>
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadWork[]>
  /** Back to work with fresh attempts. Rejects with `not_found`. */
  replay(kind: WorkKind, id: string): Promise<void>
  /** Everything that was given up. */
  replayAll(): Promise<number>
  discard(kind: WorkKind, id: string): Promise<void>
  /** How often limits have allowed and denied since this process started; those that are switched off are left out. */
  limits(): readonly LimitFigures[]
  /** What this process has looked up since it started, and how often it was at hand. */
  cache(): Promise<CacheFigures>
}

export interface LimitFigures {
  readonly name: string
  readonly perMinute: number
  readonly allowed: number
  readonly denied: number
}

export interface CacheFigures {
  readonly lookups: readonly LookupFigures[]
  /** What is at hand. */
  readonly entries: number
  readonly bytes: number
  /** Why it is not shared with other processes at the moment, where it should be. */
  readonly trouble: string | undefined
}

export interface LookupFigures {
  readonly name: string
  readonly hits: number
  readonly misses: number
}

export type WorkKind = 'job' | 'message'

export interface Workload {
  /** Jobs that are due or in hand. */
  readonly jobs: number
  /** Jobs that failed and wait for their next attempt. */
  readonly retrying: number
  /** Messages that some subscriber has not handled yet. */
  readonly messages: number
  /** What was given up. */
  readonly dead: number
}

export interface RetryingWork {
  readonly id: string
  readonly type: string
  /** How often it was tried. */
  readonly attempt: number
  readonly reason: string
  readonly nextAt: Date
}

export interface DeadWork extends DeadLetter {
  readonly kind: WorkKind
}
