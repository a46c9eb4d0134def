/** How a service is doing. */
export interface Health {
  readonly status: 'up' | 'degraded' | 'down'
  /** What to know, for people; no secrets. */
  readonly detail?: string
}

/**
 * What the composer calls on a service, where it is there. All are optional and called at most once
 * (`health` excepted).
 */
export interface Service {
  /** Called in order of declaration, after every service was made. */
  start?(): void | Promise<void>
  /** Stop taking new work and finish what is in hand; `signal` aborts when the time is up. */
  drain?(signal: AbortSignal): void | Promise<void>
  /** Release everything. Called in reverse order, after all have drained. */
  stop?(): void | Promise<void>
  health?(): Health | Promise<Health>
}
