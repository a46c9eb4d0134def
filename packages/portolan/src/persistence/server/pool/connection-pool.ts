import { AsyncLocalStorage } from 'node:async_hooks'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Timer } from '../../../ports/time.ts'
import { cancelled } from '../../../runtime/clock.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { databaseClosed } from '../../closed.ts'
import { PoolMetrics } from './pool-metrics.ts'

/** What a pool must know of an engine's connections. Raises the engine's own errors. */
export interface PoolDriver<Connection> {
  open(): Promise<Connection>
  /** Takes leave of the server. Must not reject. */
  close(connection: Connection): Promise<void>
  /** Drops it at once, whatever it is doing. Must not throw. */
  destroy(connection: Connection): void
  /** Whether it can be used, as far as that is known without asking the server. */
  isUsable(connection: Connection): boolean
  /** Asks the server; rejects when the connection is dead. */
  ping(connection: Connection): Promise<void>
}

export interface PoolSettings {
  /** How it is called in metrics; no password. */
  readonly name: string
  /** Connections at most. */
  readonly max: number
  /** How long somebody waits for one when all are in use. */
  readonly acquireTimeoutMs: number
  /** A connection that nobody used for longer is closed. */
  readonly idleTimeoutMs: number
  /** An older connection is closed when it comes back, so that new credentials and new servers come into use. */
  readonly maxLifetimeMs: number
  /** A connection that nobody used for longer is asked whether it is alive before it is lent. */
  readonly checkAfterIdleMs: number
}

interface Held<Connection> {
  readonly connection: Connection
  readonly expiresAt: number
  idleSince: number
}

interface Waiting<Connection> {
  readonly take: (connection: Connection) => void
  readonly fail: (error: unknown) => void
}

/** Lifetimes differ by up to this share, so that connections opened together are not renewed together. */
const lifetimeJitter = 0.1

/**
 * Lends the connections of a server: no more than `max`, the one that was used last first, those who wait in their order. It keeps
 * no connection alive for its own sake, and opens them outside of any asynchronous context.
 */
export class ConnectionPool<Connection extends object> {
  readonly #driver: PoolDriver<Connection>
  readonly #settings: PoolSettings
  readonly #surroundings: Surroundings
  readonly #metrics: PoolMetrics
  readonly #apart = AsyncLocalStorage.snapshot()
  readonly #idle: Held<Connection>[] = []
  readonly #lent = new Map<Connection, Held<Connection>>()
  readonly #waiting: Waiting<Connection>[] = []
  #opening = 0
  #sweep: Timer | undefined
  #closed: PromiseWithResolvers<void> | undefined
  /** Nobody is waited for any more. */
  #dropped = false

  constructor(driver: PoolDriver<Connection>, settings: PoolSettings, surroundings: Surroundings) {
    this.#driver = driver
    this.#settings = settings
    this.#surroundings = surroundings
    this.#metrics = new PoolMetrics(settings.name, settings.max, () => ({
      used: this.#lent.size,
      idle: this.#idle.length,
      pending: this.#waiting.length,
    }))
  }

  /**
   * A connection for the caller alone, until `release`.
   *
   * @throws InfrastructureError `resource_exhausted` when none came free in time, `cancelled` when `signal` aborted first,
   * `unavailable` when the pool is closed; else the engine's error when none can be opened.
   */
  acquire(signal?: AbortSignal): Connection | Promise<Connection> {
    const held = this.#idle.at(-1)
    if (!held || signal?.aborted || !this.#isFresh(held)) return this.#acquire(signal)
    this.#idle.pop()
    return this.#lend(held)
  }

  /** Takes a connection back. `broken`: it is in an unknown state, so nobody may have it again. */
  release(connection: Connection, { broken = false }: { readonly broken?: boolean } = {}): void {
    const held = this.#lent.get(connection)
    if (!held) return
    this.#lent.delete(connection)
    const now = this.#surroundings.clock.monotonic()
    this.#metrics.used(now - held.idleSince)
    if (broken || !this.#driver.isUsable(connection)) this.#discard(held)
    else if (this.#closed || now >= held.expiresAt) this.#retire(held)
    else {
      held.idleSince = now
      const next = this.#waiting.shift()
      if (next) {
        this.#lent.set(connection, held)
        next.take(connection)
        return
      }
      this.#idle.push(held)
      this.#planSweep()
    }
    this.#openForWaiting()
    this.#checkClosed()
  }

  /** Drops what is idle: after one connection was lost, the others of the same server are as a rule lost, too. */
  dropIdle(): void {
    for (const held of this.#idle.splice(0)) this.#discard(held)
  }

  /** Waits for what is lent, then closes; what still is when `late` aborts is dropped. Who waits is refused. Idempotent. */
  close(late?: AbortSignal): Promise<void> {
    if (!this.#closed) {
      this.#closed = Promise.withResolvers()
      this.#sweep?.cancel()
      if (late?.aborted) this.#drop()
      else late?.addEventListener('abort', () => this.#drop(), { once: true })
      for (const { fail } of this.#waiting.splice(0)) fail(databaseClosed())
      const farewells = this.#idle.splice(0).map(({ connection }) => this.#driver.close(connection))
      Promise.all(farewells).then(() => this.#checkClosed())
    }
    return this.#closed.promise
  }

  get #size(): number {
    return this.#lent.size + this.#idle.length + this.#opening
  }

  async #acquire(signal: AbortSignal | undefined): Promise<Connection> {
    for (;;) {
      if (this.#closed) throw databaseClosed()
      if (signal?.aborted) throw cancelled(signal)
      const held = this.#idle.pop()
      if (!held) break
      if (this.#isFresh(held) || (await this.#answers(held))) return this.#lend(held)
      this.#discard(held)
    }
    return this.#size < this.#settings.max ? this.#open() : this.#wait(signal)
  }

  async #open(): Promise<Connection> {
    const { clock, random } = this.#surroundings
    const began = clock.monotonic()
    this.#opening++
    let connection: Connection
    try {
      connection = await this.#apart(() => this.#driver.open())
    } catch (error) {
      this.#opening--
      this.#openForWaiting()
      this.#checkClosed()
      throw error
    }
    this.#opening--
    if (this.#dropped) {
      this.#driver.destroy(connection)
      throw databaseClosed()
    }
    const now = clock.monotonic()
    this.#metrics.created(now - began)
    const lifetimeMs = this.#settings.maxLifetimeMs * (1 - random.next() * lifetimeJitter)
    return this.#lend({ connection, expiresAt: now + lifetimeMs, idleSince: now })
  }

  #lend(held: Held<Connection>): Connection {
    held.idleSince = this.#surroundings.clock.monotonic()
    this.#lent.set(held.connection, held)
    return held.connection
  }

  #wait(signal: AbortSignal | undefined): Promise<Connection> {
    const { clock } = this.#surroundings
    const { acquireTimeoutMs, max } = this.#settings
    const began = clock.monotonic()
    return new Promise<Connection>((resolve, reject) => {
      const end = () => {
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.#metrics.waited(clock.monotonic() - began)
      }
      const own: Waiting<Connection> = {
        take: connection => {
          end()
          resolve(connection)
        },
        fail: error => {
          end()
          reject(error)
        },
      }
      const giveUp = (error: unknown) => {
        const at = this.#waiting.indexOf(own)
        if (at < 0) return
        this.#waiting.splice(at, 1)
        own.fail(error)
      }
      const onAbort = () => giveUp(cancelled(signal))
      const timer = clock.timer(acquireTimeoutMs, () => {
        this.#metrics.timedOut()
        giveUp(exhausted(max, acquireTimeoutMs))
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(own)
    })
  }

  /** Somebody waits, and a place came free without a connection: opens one for the first. */
  #openForWaiting(): void {
    if (this.#closed || this.#waiting.length === 0 || this.#size >= this.#settings.max) return
    const { take, fail } = this.#waiting.shift()!
    this.#open().then(take, fail)
  }

  /** Can be lent without asking the server. */
  #isFresh({ connection, expiresAt, idleSince }: Held<Connection>): boolean {
    const now = this.#surroundings.clock.monotonic()
    return (
      now < expiresAt &&
      now - idleSince < this.#settings.checkAfterIdleMs &&
      this.#driver.isUsable(connection)
    )
  }

  async #answers({ connection, expiresAt }: Held<Connection>): Promise<boolean> {
    if (this.#surroundings.clock.monotonic() >= expiresAt || !this.#driver.isUsable(connection)) return false
    // Counted as being opened meanwhile: it is neither idle nor lent.
    this.#opening++
    try {
      await this.#driver.ping(connection)
      return true
    } catch {
      return false
    } finally {
      this.#opening--
    }
  }

  #retire({ connection }: Held<Connection>): void {
    void this.#driver.close(connection)
  }

  #drop(): void {
    this.#dropped = true
    for (const held of this.#lent.values()) this.#discard(held)
    this.#lent.clear()
    this.#checkClosed()
  }

  #discard({ connection }: Held<Connection>): void {
    this.#driver.destroy(connection)
  }

  #planSweep(): void {
    if (this.#sweep || this.#closed) return
    this.#sweep = this.#surroundings.clock.timer(this.#settings.idleTimeoutMs / 2, () => {
      this.#sweep = undefined
      const now = this.#surroundings.clock.monotonic()
      // The ones at the front have been idle longest.
      while (this.#idle.length > 0) {
        const held = this.#idle[0]!
        if (now - held.idleSince < this.#settings.idleTimeoutMs && now < held.expiresAt) break
        this.#idle.shift()
        this.#retire(held)
      }
      if (this.#idle.length > 0) this.#planSweep()
    })
  }

  #checkClosed(): void {
    if (this.#closed && (this.#size === 0 || this.#dropped)) {
      this.#metrics.close()
      this.#closed.resolve()
    }
  }
}

function exhausted(max: number, timeoutMs: number): InfrastructureError {
  return new InfrastructureError(
    'resource_exhausted',
    `All ${max} connections of the pool were in use for ${timeoutMs} ms. Raise pool_max in the URL, or hold units of work shorter: ` +
      "each one holds a connection, and 'requires_new' holds one more.",
    { retry: 'later', details: { max, timeoutMs } },
  )
}
