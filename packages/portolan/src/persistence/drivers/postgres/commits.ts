import type { Timer } from '../../../ports/time.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { PostgresConnection } from './connection.ts'

const channel = 'portolan_commits'
/** Commits within this time share a notification: each one takes a lock in the server. */
const pauseMs = 5
const firstRetryMs = 250
const longestRetryMs = 10_000

/**
 * Tells listeners of commits: those of this process at once, those of others by `LISTEN`. The notification is sent after the commit,
 * on a connection of its own, because inside of transactions it would make commits wait for one another. A hint: what is missed while
 * the connection is down is found by whoever polls.
 */
export class PostgresCommits {
  readonly #open: () => Promise<PostgresConnection>
  readonly #surroundings: Surroundings
  readonly #own: string
  readonly #listeners = new Set<() => void>()
  #connection: PostgresConnection | undefined
  #connecting = false
  #retryMs = firstRetryMs
  #timer: Timer | undefined
  #pause: Timer | undefined
  #unsent = false
  #closed = false

  constructor(open: () => Promise<PostgresConnection>, surroundings: Surroundings) {
    this.#open = open
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
    // Who never listens has nothing to do with those who do.
    if (this.#listeners.size === 0) return
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
    const connection = this.#connection
    if (!this.#unsent || this.#pause || !connection || connection.lost) return
    this.#unsent = false
    this.#pause = this.#surroundings.clock.timer(pauseMs, () => {
      this.#pause = undefined
      this.#notify()
    })
    connection.query('SELECT pg_notify(?, ?)', [channel, this.#own]).catch(() => {
      // The loss of the connection is noticed by itself.
    })
  }

  async #connect(): Promise<void> {
    if (this.#connection || this.#connecting || this.#closed) return
    this.#connecting = true
    try {
      const connection = await this.#open()
      connection.client.on('notification', ({ payload }) => {
        if (payload !== this.#own) this.#tell()
      })
      connection.onLost(() => this.#lost())
      await connection.command(`LISTEN ${channel}`)
      if (this.#closed) return void connection.close()
      this.#connection = connection
      this.#retryMs = firstRetryMs
      // Whatever was committed while nobody listened.
      this.#tell()
      this.#notify()
    } catch (error) {
      this.#surroundings.logger.debug('Commits of other processes are found by polling alone for now.', {
        error,
      })
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
