import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Health } from '../../../ports/service.ts'
import { type Surroundings, surroundings } from '../../../runtime/surroundings.ts'
import type { Connection, DatabaseCapabilities, DatabaseDriver, TransactionOptions } from '../../driver.ts'
import type { ForeignClient, ForeignClients } from '../../foreign.ts'
import { Recent } from '../../recent.ts'
import type { SqlRow } from '../../sql-value.ts'
import { factsOf, type StatementFacts } from '../../statement-text.ts'
import type { SqliteClient } from './client.ts'
import { CommitWatch } from './commits.ts'
import { SqliteConnection } from './connection.ts'
import { classifySqlite, isBusy } from './errors.ts'
import { sqliteGrammar } from './grammar.ts'
import { JoinedSqlite } from './joined.ts'
import { largeCacheKiB, SqliteReaders } from './readers.ts'
import type { SqliteSettings } from './url.ts'
import { SqliteWriter } from './writer.ts'

export { parseSqliteUrl } from './url.ts'

/** Blocks the event loop at most this long for another process; beyond it, waiting is asynchronous. */
const blockingBusyMs = 2

export interface SqliteOpening {
  readonly readOnly: boolean
  /** How long a statement may block for another process. */
  readonly busyMs: number
}

/** Opens one connection to the file. */
export type OpenSqlite<Native> = (
  path: string,
  opening: SqliteOpening,
) => { readonly native: Native; readonly client: SqliteClient }

/** Opens a SQLite database; folders of the path are made when they are missing. */
export async function openSqlite<Native>(
  settings: SqliteSettings,
  given: Partial<Surroundings>,
  open: OpenSqlite<Native>,
): Promise<DatabaseDriver<Native>> {
  const around = surroundings(given)
  const { clock, random } = around
  const giveUpAt = clock.monotonic() + settings.lockTimeoutMs
  for (;;) {
    try {
      return new SqliteDriver(settings, around, open)
    } catch (error) {
      // Changing a new file to a write-ahead log needs it alone, and SQLite does not wait for that by itself.
      if (!isBusy(error) || clock.monotonic() > giveUpAt) throw classifySqlite(error)
      await clock.sleep(random.next() * 20)
    }
  }
}

/** Over `node:sqlite`. */
export const openNodeSqlite: OpenSqlite<DatabaseSync> = (path, { readOnly, busyMs }) => {
  const native = new DatabaseSync(path, { readOnly, timeout: busyMs })
  return { native, client: native }
}

class SqliteDriver<Native> implements DatabaseDriver<Native> {
  readonly dialect = 'sqlite'
  readonly capabilities: DatabaseCapabilities
  readonly kysely = {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
  readonly native: Native
  readonly autocommit: Connection
  readonly #writer: SqliteWriter
  /** None in memory, where everything goes through the one connection. */
  readonly #readers: SqliteReaders | undefined
  readonly #commits: CommitWatch
  /** None in memory, which no other connection sees. */
  readonly #joining: JoinedSqlite | undefined

  constructor(
    { path, synchronous, ...limits }: SqliteSettings,
    surroundings: Surroundings,
    open: OpenSqlite<Native>,
  ) {
    const inMemory = path === ':memory:'
    this.capabilities = {
      savepoints: true,
      concurrentTransactions: false,
      cancel: false,
      transactionalSchema: true,
      returning: true,
      shared: !inMemory,
    }
    if (!inMemory) mkdirSync(dirname(path), { recursive: true })
    const known = new Recent<StatementFacts>(512)
    const facts = (sql: string) => known.get(sql, factsOf)
    const opened = (readOnly: boolean, pragmas: readonly string[]) => {
      const { native, client } = open(path, { readOnly, busyMs: blockingBusyMs })
      try {
        for (const pragma of pragmas) client.exec(`PRAGMA ${pragma}`)
      } catch (error) {
        client.close()
        throw error
      }
      return { native, connection: new SqliteConnection(client, facts) }
    }
    const { native, connection } = opened(false, [
      'journal_mode = WAL',
      `synchronous = ${synchronous}`,
      'foreign_keys = ON',
      // 32 MiB: a page that many units of work change is copied back once for all of them. A checkpoint runs inside of a commit,
      // and the default of 1,000 pages made commits twice as expensive under load.
      'wal_autocheckpoint = 8000',
      // What a large unit of work left behind is given back to the disk.
      'journal_size_limit = 67108864',
      // What a savepoint must be able to undo stays in memory: a file of its own for every group of units cost as much as the log.
      'temp_store = MEMORY',
      cacheSize(largeCacheKiB),
    ])
    this.native = native
    this.#joining = inMemory ? undefined : new JoinedSqlite(facts)
    const readers = inMemory
      ? undefined
      : new SqliteReaders(cacheKiB => opened(true, [cacheSize(cacheKiB)]).connection)
    this.#readers = readers
    this.#commits = new CommitWatch(
      surroundings.clock,
      // The writer's view: it changes with the commits of other processes only.
      readers && (() => connection.query('PRAGMA data_version', [])[0]?.data_version),
    )
    this.#writer = new SqliteWriter(connection, surroundings, limits, () => this.#commits.signal())
    this.autocommit = {
      query: (sql, parameters) => {
        // In memory there is one connection: reading must not see what a unit of work has not committed.
        const reader = readers ? readers.shared : this.#writer.isIdle ? connection : undefined
        return reader && facts(sql).onlyReads
          ? reader.query(sql, parameters)
          : this.#alone(unit => unit.query(sql, parameters))
      },
      execute: (sql, parameters) => this.#alone(unit => unit.execute(sql, parameters)),
    }
  }

  transaction<T>(options: TransactionOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
    if (options.readOnly && this.#readers) return this.#readers.transaction(work, options.signal)
    return this.#writer.transaction(options, work)
  }

  joined(client: ForeignClient): Connection {
    if (this.#joining) return this.#joining.connect(client as ForeignClients['sqlite'])
    throw new InfrastructureError(
      'unsupported',
      'A database in memory is seen by its own connection alone. Open a file: sqlite:./shop.db.',
    )
  }

  aside<T>(work: () => Promise<T>): Promise<T> {
    return this.#writer.aside(work)
  }

  /** Two copies of SQLite in one process do not see each other's locks: they must not have the same file open. */
  readonly whereabouts =
    "SELECT file || ' (' || sqlite_source_id() || ')' AS place FROM pragma_database_list WHERE name = 'main'"

  signal(): void {
    this.#commits.signal()
  }

  classify = classifySqlite

  grammar = sqliteGrammar

  onCommit(listener: () => void): () => void {
    return this.#commits.listen(listener)
  }

  async health(): Promise<Health> {
    await this.autocommit.query('SELECT 1', [])
    return { status: 'up' }
  }

  async close(): Promise<void> {
    this.#commits.close()
    this.#readers?.close()
    // The last connection folds the log into the file and removes it.
    this.#writer.close()
  }

  #alone<T extends SqlRow[] | number>(statement: (unit: Connection) => T | Promise<T>): Promise<T> {
    const options = { isolation: undefined, readOnly: false, attempt: 1, signal: undefined }
    return this.#writer.transaction(options, async unit => statement(unit))
  }
}

function cacheSize(kib: number): string {
  return `cache_size = -${kib}`
}
