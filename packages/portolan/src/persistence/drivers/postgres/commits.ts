import type { Timer } from '../../../ports/time.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { PostgresConnection } from './connection.ts'
import type { PostgresSessions } from './sessions.ts'

const channel = 'portolan_commits'
/** A hint need not last: without the setting, each one would wait for the disk as a commit of its own does. */
const notify = "SELECT set_config('synchronous_commit', 'off', true) AS waits, pg_notify(?, ?) AS sent"
/** Commits within this time share a notification, for twice the time each time that more follow: each one takes a lock in the server. */
const shortestPauseMs = 5
const longestPauseMs = 20
const firstRetryMs = 250
const longestRetryMs = 10_000

/**
 * Tells listeners of commits: those of this process at once, those of others by `LISTEN`. Every process that commits notifies, whether
 * it listens or not. The notification is sent after the commit, because inside of transactions it would make commits wait for one
 * another: on the connection that listens, which has nothing else to do, or on one of the pool. A hint: what is missed while the
 * connection is down is found by whoever polls.
 */
export class PostgresCommits {
  readonly #sessions: PostgresSessions
  readonly #surroundings: Surroundings
  readonly #own: string
  readonly #listeners = new Set<() => void>()
  #connection: PostgresConnection | undefined
  #connecting = false
  #retryMs = firstRetryMs
  #timer: Timer | undefined
  #pause: Timer | undefined
  #pauseMs = shortestPauseMs
  #unsent = false
  #closed = false

  constructor(sessions: PostgresSessions, surroundings: Surroundings) {
    this.#sessions = sessions
    this.#surroundings = surroundings
    this.#own = surroundings.ids.next()
  }

  listen(listener: () => void): () => void {
    // A wrapper, so that the same function may listen twice.
    const own = () => listener()
    this.#listeners.add(own)
    this.#connect()
    return () => this.#listeners.delete(own)
  }

  /** To be called after a commit that changed something. */
  signal(): void {
    this.#tell()
    this.#unsent = true
    this.#notify()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
    this.#timer?.cancel()
    this.#pause?.cancel()
    await this.#connection?.close()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #notify(): void {
    if (!this.#unsent || this.#pause || this.#closed) return
    this.#unsent = false
    this.#pause = this.#surroundings.clock.timer(this.#pauseMs, () => {
      this.#pause = undefined
      this.#pauseMs = this.#unsent ? Math.min(this.#pauseMs * 2, longestPauseMs) : shortestPauseMs
      this.#notify()
    })
    this.#send().catch(() => {
      // The loss of a connection is noticed by itself.
    })
  }

  async #send(): Promise<void> {
    const listening = this.#connection
    const connection = listening ?? (await this.#sessions.acquire())
    try {
      await connection.query(notify, [channel, this.#own])
    } finally {
      if (connection !== listening) this.#sessions.release(connection, { broken: connection.lost })
    }
  }

  async #connect(): Promise<void> {
    if (this.#connection || this.#connecting || this.#closed) return
    this.#connecting = true
    let connection: PostgresConnection | undefined
    try {
      connection = await this.#sessions.apart()
      connection.client.on('notification', ({ payload }) => {
        if (payload !== this.#own) this.#tell()
      })
      connection.onLost(() => this.#lost())
      await connection.command(`LISTEN ${channel}`)
      if (this.#closed) return await connection.close()
      this.#connection = connection
      this.#retryMs = firstRetryMs
      // Whatever was committed while nobody listened.
      this.#tell()
    } catch (error) {
      this.#surroundings.logger.debug('Commits of other processes are found by polling alone for now.', {
        error,
      })
      await connection?.close()
      this.#retry()
    } finally {
      this.#connecting = false
    }
  }

  #lost(): void {
    this.#connection = undefined
    this.#retry()
  }

  #retry(): void {
    if (this.#closed || this.#listeners.size === 0) return
    this.#timer?.cancel()
    this.#timer = this.#surroundings.clock.timer(this.#retryMs, () => this.#connect())
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
  }
}
