import type { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'

/** A limit as drivers see it; checked. */
export interface Rule {
  /** Of the limit: its keys are apart from those of others. Without a slash. */
  readonly name: string
  readonly algorithm: 'token_bucket' | 'sliding_window'
  /** Units for each window. */
  readonly limit: number
  /** A whole number. */
  readonly windowMs: number
  /** The most units that can be taken at once: of a token bucket its size, else the limit. */
  readonly burst: number
  /** 0: nobody is blocked. */
  readonly blockAfter: number
  /** A whole number. */
  readonly blockMs: number
  /** In how long a unit flows into a token bucket. */
  readonly perUnitMs: number
  /** In how long a token bucket is filled. */
  readonly sizeMs: number
  /** After how long the state of a key that is not asked for means nothing any more. A whole number. */
  readonly forgetAfterMs: number
}

/**
 * What is kept of a key; all zero at first.
 *
 * - Token bucket, as the generic cell rate algorithm keeps it: `a` is when the bucket will be full again.
 * - Sliding window: `a` is when the fixed window in progress began, `b` what was taken in the one before, `c` in this one.
 */
export interface State {
  readonly a: number
  readonly b: number
  readonly c: number
  /** Refusals that followed each other within a window. */
  readonly strikes: number
  readonly strikeAt: number
}

export type Outcome = 'allowed' | 'refused' | 'blocked'

/** What the step came to: the state behind it, and its moment. Times are milliseconds on the driver's clock. */
export interface Taken extends State {
  readonly outcome: Outcome
  readonly now: number
}

export interface LimitCapabilities {
  /** Several processes may share it. */
  readonly shared: boolean
  /** It judges by a clock of the engine's own, so those of the machines may differ. */
  readonly ownClock: boolean
}

/** What an engine provides: `decide` as one atomic step on the state of a key. Raises the engine's own errors. */
export interface LimitDriver {
  /** For telemetry and messages. */
  readonly name: string
  readonly capabilities: LimitCapabilities
  /** Called before anything else; again when it failed. */
  open(): Promise<void>
  /** Without a promise where it is known at once. */
  take(key: string, rule: Rule, cost: number): Taken | Promise<Taken>
  forget(key: string, rule: Rule): Promise<void>
  classify(error: unknown): InfrastructureError
  health(): Promise<Health>
  close(): Promise<void>
}

/** The one text by which an engine knows a key. */
export function fullKey({ name }: Rule, key: string): string {
  return `${name}/${key}`
}
