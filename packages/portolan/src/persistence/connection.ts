import type { SqlRow, SqlValue } from './sql-value.ts'

export type Dialect = 'sqlite' | 'postgres' | 'mysql'

/**
 * Where statements run. Placeholders are `?`; parameters are already checked. Engines that answer at once return the value
 * itself, the others a promise. Raises the engine's own error.
 */
export interface Connection {
  query(sql: string, parameters: readonly SqlValue[]): SqlRow[] | Promise<SqlRow[]>
  /** The number of rows that were changed. */
  execute(sql: string, parameters: readonly SqlValue[]): number | Promise<number>
  /**
   * In a transaction whose commit may follow before the answer: when the statement fails, the engine rolls back instead. It is on its way
   * when this returns; throws when it cannot be. `undefined`: not now, it is to be executed.
   */
  send?(sql: string, parameters: readonly SqlValue[]): Promise<unknown> | undefined
  /** Inserts rows in the engine's own way for many of them, if it has one. Its error may tell the `line` of the row, from 1. */
  copy?(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<number>
}
