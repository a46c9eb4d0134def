/** A length of time: milliseconds, or text such as `'250ms'`, `'30s'`, `'10m'`, `'6h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** A timer that was set. */
export interface Timer {
  /** Idempotent; a cancelled timer never fires. */
  cancel(): void
}

/** Time, as the library and the application see it. Injected everywhere, so that tests and simulations own it. */
export interface Clock {
  /** Milliseconds since the epoch; may jump when the machine's clock is set. */
  now(): number
  /** Milliseconds since some moment; never goes backwards. For measuring and for leases. */
  monotonic(): number
  /** Calls `callback` once, after `delayMs`. Does not keep a process alive on its own. */
  timer(delayMs: number, callback: () => void): Timer
  /** Resolves after `delayMs`; rejects with `cancelled` as soon as `signal` aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}
