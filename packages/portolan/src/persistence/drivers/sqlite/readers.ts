import { cancelled } from '../../../runtime/clock.ts'
import type { Connection } from '../../driver.ts'
import type { SqliteConnection } from './connection.ts'
import { classifySqlite } from './errors.ts'

/**
 * What a connection keeps of the file, as far as it is used. With the 2 MB of SQLite, point reads of 100,000 rows took a quarter longer;
 * the connections that only peaks need must not make the process large.
 */
export const largeCacheKiB = 16_000
const smallCacheKiB = 2_000

/** Read-only connections beside the writer: in WAL mode they see what is committed and never wait for it. */
export class SqliteReaders {
  readonly #open: (cacheKiB: number) => SqliteConnection
  readonly #most: number
  #shared: SqliteConnection | undefined
  readonly #idle: SqliteConnection[] = []
  readonly #waiting: ((connection: SqliteConnection) => void)[] = []
  readonly #lent = new Set<SqliteConnection>()
  #closed = false

  constructor(open: (cacheKiB: number) => SqliteConnection, most = 8) {
    this.#open = open
    this.#most = most
  }

  /** For single statements: each sees the latest commit. */
  get shared(): SqliteConnection {
    this.#shared ??= this.#open(largeCacheKiB)
    return this.#shared
  }

  /** Runs `work` over one snapshot. */
  async transaction<T>(work: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#acquire(signal)
    try {
      begin(connection)
      return await work(connection)
    } finally {
      if (connection.client.isOpen && connection.client.isTransaction) connection.execute('ROLLBACK', [])
      this.#release(connection)
    }
  }

  /** What still reads is given up. */
  close(): void {
    this.#closed = true
    this.#shared?.close()
    for (const connection of [...this.#idle.splice(0), ...this.#lent]) connection.close()
  }

  #acquire(signal?: AbortSignal): SqliteConnection | Promise<SqliteConnection> {
    const idle = this.#idle.pop()
    if (idle || this.#lent.size < this.#most) {
      // The first of them serves who reads one thing after the other; what is opened beyond it serves peaks.
      const connection = idle ?? this.#open(this.#lent.size === 0 ? largeCacheKiB : smallCacheKiB)
      this.#lent.add(connection)
      return connection
    }
    return new Promise((resolve, reject) => {
      const take = (connection: SqliteConnection) => {
        signal?.removeEventListener('abort', onAbort)
        resolve(connection)
      }
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1)
        reject(cancelled(signal))
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(take)
    })
  }

  #release(connection: SqliteConnection): void {
    const next = this.#waiting.shift()
    if (next) {
      next(connection)
    } else {
      this.#lent.delete(connection)
      if (!this.#closed) this.#idle.push(connection)
    }
  }
}

function begin(connection: SqliteConnection): void {
  try {
    connection.execute('BEGIN', [])
  } catch (error) {
    throw classifySqlite(error)
  }
}
