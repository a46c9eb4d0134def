import type { Dialect as KyselyDialect } from 'kysely'
import type { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'
import type { Isolation } from '../ports/unit-of-work.ts'
import type { Connection, Dialect } from './connection.ts'
import type { ForeignClient } from './foreign.ts'
import type { SqlValue } from './sql-value.ts'
import type { Statements } from './statements.ts'

export type { Connection, Dialect } from './connection.ts'

/** What an engine can do; the contract holds it to that. */
export interface DatabaseCapabilities {
  /** Savepoints, for `nested`. */
  readonly savepoints: boolean
  /** A second transaction while one is open, for `requires_new`. */
  readonly concurrentTransactions: boolean
  /** A statement that runs can be cancelled in the engine. */
  readonly cancel: boolean
  /** A change of the schema is part of its transaction, so a migration that fails leaves nothing. */
  readonly transactionalSchema: boolean
  /** Statements that change rows answer with them: `RETURNING`, also of an `UPDATE`. */
  readonly returning: boolean
  /** Several processes may use it at once. */
  readonly shared: boolean
}

/** A statement and what it binds. */
export interface SqlStatement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** A column as the schema declares it. */
export interface Column {
  readonly name: string
  /** `other`: the engine alone judges what fits. */
  readonly holds: 'text' | 'integer' | 'real' | 'bytes' | 'other'
  /** The most characters that text may have. */
  readonly length?: number | undefined
  /** How wide a whole number may be. Default 64. */
  readonly bits?: number | undefined
}

type Few<T> = readonly T[] | Promise<readonly T[]>

/** Which rows an `UPDATE` of many changes, and what. */
export interface RowUpdate {
  readonly table: string
  /** Set to what each row gives. */
  readonly columns: readonly string[]
  /** A row changes where these are equal to what is given. */
  readonly matched: readonly string[]
  /** One of `matched`, a whole number that is raised by one. */
  readonly raised?: string | undefined
}

/**
 * SQL where engines differ, for what generates statements. Everywhere, `"` quotes identifiers and `?` stands for a parameter. Rows
 * hold the values of `columns` in that order. What is made for many rows is one statement, or as few as the engine allows; no
 * rows, no statement.
 */
export interface SqlGrammar {
  quote(identifier: string): string
  /** At the end of a `SELECT`: its rows stay as they are until the transaction ends. Empty where a transaction writes alone. */
  readonly forUpdate: string
  /** Whether an index finds where `(a, b) > (?, ?)` begins; otherwise such a comparison is spelled out. */
  readonly comparesRows: boolean
  /** The columns of `table` in their order; none when there is no such table. */
  columns(table: string): Promise<readonly Column[]>
  /**
   * What follows `IN`. One for up to 1,000 values. `column` of `table` is what they are compared with, so that each is taken for what
   * it is there.
   */
  lists(table: string, column: string, values: readonly SqlValue[]): Few<SqlStatement>
  inserts(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
  ): Few<SqlStatement>
  /** Rows hold the values of `columns`, then those of `matched`. */
  updates(update: RowUpdate, rows: readonly (readonly SqlValue[])[]): Few<SqlStatement>
  /** Deletes where `matched` are equal to what is given. */
  deletes(
    table: string,
    matched: readonly string[],
    rows: readonly (readonly SqlValue[])[],
  ): Few<SqlStatement>
  /**
   * Inserts one row, binding `columns`. Where there is one with the same unique values, it changes nothing, or fails with
   * `already_exists` where such an error leaves the transaction whole: see `insertIfAbsent`.
   */
  insertIfAbsent(table: string, columns: readonly string[]): string
  /**
   * Inserts one row, binding `columns`; where one with the same `key` exists, assigns `set` instead: expressions by column, in which
   * `given` names what was to be inserted and the table's name what is there.
   */
  insertOrUpdate(
    table: string,
    columns: readonly string[],
    key: readonly string[],
    set: (given: (column: string) => string) => Readonly<Record<string, string>>,
  ): string
}

export interface TransactionOptions {
  readonly isolation: Isolation | undefined
  readonly readOnly: boolean
  /** 1 for the first; an engine that shares work between transactions keeps later ones apart. */
  readonly attempt: number
  readonly signal: AbortSignal | undefined
}

/** What an engine provides. It neither checks arguments nor retries, logs or nests: the portable part does, once. */
export interface DatabaseDriver<Native = unknown> {
  readonly dialect: Dialect
  readonly capabilities: DatabaseCapabilities
  readonly native: Native
  /** `statements` run in the transaction in progress: for an engine that has to look up what a table is like. */
  grammar(statements: Statements): SqlGrammar
  /** What Kysely needs to know of the engine. Its compiler must write `?` for a parameter. */
  readonly kysely: Pick<KyselyDialect, 'createAdapter' | 'createIntrospector' | 'createQueryCompiler'>
  /** Statements outside of a transaction: each commits on its own. */
  readonly autocommit: Connection
  /**
   * Runs `work` in a transaction and resolves with its result after the commit. When `work` rejects, rolls back and rejects with
   * the same. When the engine fails to begin or to commit, rejects with a converted error; when it cannot tell whether it
   * committed, with `unavailable` and `details.commit: 'unknown'`. Waiting for a connection ends when `signal` aborts.
   */
  transaction<T>(options: TransactionOptions, work: (connection: Connection) => Promise<T>): Promise<T>
  /**
   * Statements in a transaction that something else opened, whose beginning and end are not the driver's. Rejects where they would not
   * mean or do there what they do elsewhere.
   */
  joined(client: ForeignClient): Connection | Promise<Connection>
  /**
   * Runs `work`, in which something else opens a transaction, while the driver has none of its own: where the two could wait for each other.
   */
  aside?<T>(work: () => Promise<T>): Promise<T>
  /** A query whose one value, `place`, tells one database from another. */
  readonly whereabouts: string
  /** Tells those who listen that something was committed in a transaction that was joined. */
  signal(): void
  /** The library's error for one of the engine. */
  classify(error: unknown): InfrastructureError
  /** Calls `listener` soon after a commit, by this process or another. Returns what ends it. */
  onCommit(listener: () => void): () => void
  health(): Promise<Health>
  /** Waits for what is running, then closes. What still runs when `late` aborts is dropped: its changes are rolled back. */
  close(late?: AbortSignal): Promise<void>
}
