import type { SqlRow, SqlValue } from './sql-value.ts'

/** Running SQL: in the transaction in progress, or each statement on its own. */
export interface Statements {
  /** The rows of a query, or of a statement with `RETURNING`. */
  query<Row = SqlRow>(sql: string, parameters?: readonly SqlValue[]): Promise<Row[]>
  /** Runs a statement; resolves with the number of rows that it changed. */
  execute(sql: string, parameters?: readonly SqlValue[]): Promise<number>
}
