/**
 * The part of a connection of `node:sqlite` that the driver uses; `better-sqlite3` gets it by `overBetterSqlite`. Both are described
 * here, so that an application needs neither the package nor its types.
 */
export interface SqliteClient {
  readonly isOpen: boolean
  readonly isTransaction: boolean
  /** Integers beyond 2^53 are rounded, instead of refused, by statements that do not read `bigint`. */
  readonly rounds?: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  close(): void
}

export interface SqliteStatement {
  /** The part of the text that was compiled. */
  readonly sourceSQL: string
  all(...values: SqliteInput[]): unknown[]
  run(...values: SqliteInput[]): { readonly changes: number | bigint }
  columns(): readonly { readonly name: string }[]
  setReadBigInts(on: boolean): void
  setReturnArrays(on: boolean): void
}

export type SqliteInput = string | number | bigint | Uint8Array | null

/** A connection of `better-sqlite3`. */
export interface BetterSqliteHandle {
  readonly open: boolean
  readonly inTransaction: boolean
  prepare(sql: string): BetterSqliteStatement
  exec(sql: string): unknown
  close(): unknown
}

export interface BetterSqliteStatement {
  /** It answers with rows. */
  readonly reader: boolean
  all(...values: unknown[]): unknown[]
  run(...values: unknown[]): { readonly changes: number }
  columns(): readonly { readonly name: string }[]
  safeIntegers(on: boolean): unknown
  raw(on: boolean): unknown
}

/** A connection that the application, or its ORM, has opened. */
export type SqliteHandle = SqliteClient | BetterSqliteHandle
