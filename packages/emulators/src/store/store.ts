import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

export type Value = string | number | Uint8Array | null

/**
 * What the emulators remember: SQLite, one writer, and one commit for everything that is written in one turn of the event
 * loop. Statements take effect (and are seen by reads) at once; `committed` tells when they will survive a crash of the
 * process. Answer only after it.
 */
export interface Store {
  /** A statement that writes; returns the number of rows that it changed. */
  write<P extends readonly Value[]>(sql: string): (...parameters: P) => number
  /** A query for at most one row. */
  one<Row, P extends readonly Value[] = Value[]>(sql: string): (...parameters: P) => Row | undefined
  /** A query for all its rows. */
  all<Row, P extends readonly Value[] = Value[]>(sql: string): (...parameters: P) => Row[]
  /** Resolves when all that was written so far is committed; rejects when it could not be. */
  committed(): Promise<void>
  /** Runs statements that define tables; outside of any batch. */
  define(sql: string): void
  readonly closed: boolean
  close(): void
}

/** Opens `emulators.db` in `folder`, which is made when it is not there; `:memory:` keeps everything in memory. */
export function openStore(folder: string): Store {
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true })
  const database = new DatabaseSync(folder === ':memory:' ? folder : join(folder, 'emulators.db'))
  // `normal` in WAL mode survives the death of the process; a power cut may take the last commits with it. A checkpoint after 8,000
  // pages (32 MiB) copies back once what many commits have changed.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA busy_timeout = 5000;
    PRAGMA wal_autocheckpoint = 8000;
    PRAGMA cache_size = -16000;
  `)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  let batch: PromiseWithResolvers<void> | undefined
  let closed = false

  function enlist(): void {
    if (batch) return
    begin.run()
    batch = Promise.withResolvers()
    // Nobody may be waiting for this one.
    batch.promise.catch(() => {})
    setImmediate(finish)
  }

  function finish(): void {
    const finished = batch
    if (!finished) return
    batch = undefined
    try {
      commit.run()
      finished.resolve()
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      finished.reject(error)
    }
  }

  return {
    write(sql) {
      const statement = database.prepare(sql)
      return (...parameters) => {
        enlist()
        return Number(statement.run(...(parameters as readonly SQLInputValue[])).changes)
      }
    },
    one<Row>(sql: string) {
      const statement = database.prepare(sql)
      return (...parameters: readonly Value[]) => statement.get(...parameters) as Row | undefined
    },
    all<Row>(sql: string) {
      const statement = database.prepare(sql)
      return (...parameters: readonly Value[]) => statement.all(...parameters) as Row[]
    },
    committed: () => batch?.promise ?? Promise.resolve(),
    define: sql => database.exec(sql),
    get closed() {
      return closed
    },
    close() {
      if (closed) return
      closed = true
      finish()
      database.close()
    },
  }
}
