import type { Duration } from './time.ts'

export interface LockOptions {
  /**
   * After how much silence of its holder the lock is free for others. It is renewed while it is held, so work may last longer: it bounds
   * how long others wait for a process that has died. Default `'30s'`; at least 50 ms.
   */
  readonly ttl?: Duration
  /** How long to wait for it at most; 0 tries once. Default `'10s'`. */
  readonly wait?: Duration
  /** Gives up waiting, and aborts the signal of what runs under the lock. */
  readonly signal?: AbortSignal
}

/** A lock that this process holds, as far as it can know. */
export interface Lock extends AsyncDisposable {
  readonly name: string
  /**
   * The fencing token: higher than that of every earlier holder of this name. A process that was stopped for longer than its `ttl` cannot
   * know that others hold the lock by now; what it writes to must refuse a token lower than the last that it has seen. A whole number below 2^53.
   */
  readonly token: number
  /** Aborts when the lock is lost, or must be taken for lost as it could not be renewed in time: with an error `conflict`. */
  readonly signal: AbortSignal
  /** Whether it is still held, on the clock: also true to life right after the process was stopped for a while. */
  readonly held: boolean
  /** Idempotent; leaves a lock that somebody else holds by now as it is. Never rejects: where the engine cannot be reached, it runs out. */
  release(): Promise<void>
}

/**
 * Mutual exclusion between processes.
 *
 * Of those that wait in one process, the first comes first; of the processes that wait, none is passed over by the one that holds the lock.
 * Locks are not re-entrant. Errors: `unavailable` when the engine cannot be reached within `wait`, `cancelled`,
 * `invalid_argument`; `precondition_failed` inside of a unit of work of the database that holds the locks.
 */
export interface Locks {
  /** The lock, or `undefined` when others held it for all of `wait`. It is renewed until it is released. */
  acquire(name: string, options?: LockOptions): Promise<Lock | undefined>
  /**
   * Runs `work` while holding the lock, and resolves with its result.
   *
   * Rejects with `deadline_exceeded` when others held it for all of `wait`, and with `conflict` when it was lost while the work ran:
   * others may have worked at the same time. `details.lock` is its name in both.
   *
   * @example
   * await locks.with('nightly-export', { ttl: '30s', wait: '5s' }, async ({ token, signal }) => exportOrders(token, signal))
   */
  with<T>(name: string, options: LockOptions, work: (lock: Lock) => T | Promise<T>): Promise<T>
  with<T>(name: string, work: (lock: Lock) => T | Promise<T>): Promise<T>
  /**
   * Takes part in the election of a leader: runs `work` whenever this process has won it. The work goes on until its `signal` aborts, as
   * the lead was lost or given up; where it ends or fails before, the lead goes to others first.
   *
   * @example
   * await using leadership = locks.lead('poller', async ({ signal }) => pollUntil(signal))
   */
  lead(name: string, work: (lock: Lock) => void | Promise<void>, options?: LeadOptions): Leadership
}

export interface LeadOptions {
  /** As of a lock: for how long at most nobody leads when the leader has died. Default `'15s'`. */
  readonly ttl?: Duration
  /** How long to stay out of the election after the work has ended or failed. Default `'1s'`. */
  readonly pause?: Duration
}

/** One process's part in an election. */
export interface Leadership extends AsyncDisposable {
  /** The lock while this process leads. */
  readonly lock: Lock | undefined
  /** Leaves the election: aborts the work, waits for its end, then lets others lead. Idempotent. */
  resign(): Promise<void>
}

/** Refuses late writers: see `Lock.token`. */
export interface Fence {
  /**
   * Passes when no higher token has passed for `resource`, and remembers this one; to be called in the unit of work that writes. Rejects
   * with `precondition_failed` otherwise, so that nothing of that unit is written.
   */
  pass(resource: string, token: number): Promise<void>
}
