/** What became of a request to do something. */
export interface RateLimit {
  readonly allowed: boolean
  /** The units that a full quota holds. */
  readonly limit: number
  /** The units that may still be taken now. */
  readonly remaining: number
  /** Milliseconds until the same may be asked for again with success; 0 when it was allowed. */
  readonly retryAfterMs: number
  /** Milliseconds until the quota is full again, if nothing is taken. */
  readonly resetMs: number
  /** It asked too often although it was refused, and is refused whatever it asks for. */
  readonly blocked: boolean
  /** `false`: the store of the limits could not be asked, and it was allowed for that reason alone. */
  readonly counted: boolean
}

/** How often each key may do something. */
export interface RateLimiter {
  /** For headers, logs and metrics. */
  readonly name: string
  /** As told to clients: so many units in so much time. */
  readonly policy: { readonly limit: number; readonly windowMs: number }
  /**
   * Takes `cost` units (default 1) of the quota of `key`, all of them or none, in one step that no other can come between.
   *
   * Rejects with `invalid_argument` for a cost that is not above 0 or that no quota ever holds, and with `unavailable` when the store
   * cannot be asked and the limiter is told to refuse then.
   *
   * @example
   * const { allowed, retryAfterMs } = await limiter.take(customerId)
   */
  take(key: string, cost?: number): Promise<RateLimit>
  /** Gives `key` a full quota, and ends its block. */
  forgive(key: string): Promise<void>
}
