import { InfrastructureError } from '../../../ports/errors.ts'
import type { BetterSqliteHandle, BetterSqliteStatement, SqliteClient, SqliteStatement } from './client.ts'

/** Codes of SQLite by the names that `better-sqlite3` gives them (https://sqlite.org/rescode.html). */
const codes: Readonly<Record<string, number>> = {
  SQLITE_ERROR: 1,
  SQLITE_PERM: 3,
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_NOMEM: 7,
  SQLITE_READONLY: 8,
  SQLITE_INTERRUPT: 9,
  SQLITE_IOERR: 10,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_PROTOCOL: 15,
  SQLITE_TOOBIG: 18,
  SQLITE_CONSTRAINT: 19,
  SQLITE_MISMATCH: 20,
  SQLITE_NOTADB: 26,
  SQLITE_CONSTRAINT_CHECK: 275,
  SQLITE_CONSTRAINT_FOREIGNKEY: 787,
  SQLITE_CONSTRAINT_NOTNULL: 1299,
  SQLITE_CONSTRAINT_PRIMARYKEY: 1555,
  SQLITE_CONSTRAINT_UNIQUE: 2067,
  SQLITE_CONSTRAINT_ROWID: 2579,
}

/** A connection of `better-sqlite3`, with what the driver uses of one of `node:sqlite`. */
export function overBetterSqlite(handle: BetterSqliteHandle): SqliteClient {
  return {
    get isOpen() {
      return handle.open
    },
    get isTransaction() {
      return handle.inTransaction
    },
    rounds: true,
    prepare: sql => statementOver(handle, sql),
    exec: sql => numbered(() => handle.exec(sql)),
    close: () => void handle.close(),
  }
}

/** Gives an error of `better-sqlite3` the number that `node:sqlite` has, by which errors are told apart. */
export function sqliteError(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  // As in SQLITE_IOERR_WRITE.
  const code = codes[error.code] ?? codes[error.code.split('_', 2).join('_')]
  return code === undefined ? error : Object.assign(error, { errcode: code })
}

function statementOver(handle: BetterSqliteHandle, sql: string): SqliteStatement {
  const statement = numbered(() => prepared(handle, sql))
  const { reader } = statement
  let changes: BetterSqliteStatement | undefined
  return {
    sourceSQL: sql,
    all: (...values) =>
      numbered(() => {
        if (reader) return plain(statement.all(...values))
        statement.run(...values)
        return []
      }),
    run: (...values) =>
      numbered(() => {
        if (!reader) return statement.run(...values)
        statement.all(...values)
        changes ??= handle.prepare('SELECT changes() AS changes')
        return changes.all()[0] as { changes: number }
      }),
    columns: () => (reader ? statement.columns() : []),
    setReadBigInts: on => void statement.safeIntegers(on),
    setReturnArrays: on => void (reader && statement.raw(on)),
  }
}

/** Bytes as they come from `node:sqlite`, instead of as a `Buffer`. */
function plain(rows: unknown[]): unknown[] {
  for (const row of rows as Record<string, unknown>[]) {
    for (const name in row) {
      const value = row[name]
      if (value instanceof Uint8Array) row[name] = new Uint8Array(value)
    }
  }
  return rows
}

function prepared(handle: BetterSqliteHandle, sql: string): BetterSqliteStatement {
  try {
    return handle.prepare(sql)
  } catch (cause) {
    // So it says that the text holds several statements, or none.
    if (!(cause instanceof RangeError)) throw cause
    throw new InfrastructureError('invalid_argument', `Give one statement at a time: ${cause.message}`, {
      cause,
    })
  }
}

function numbered<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw sqliteError(error)
  }
}
