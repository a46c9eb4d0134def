import type { RowUpdate, SqlStatement } from './driver.ts'
import type { SqlValue } from './sql-value.ts'

/** Rows as an expression to select from, whose columns have the names that were asked for. */
type RowSource = SqlStatement

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** The statements over rows of engines that read all of them from one parameter, and know `ON CONFLICT` and `UPDATE … FROM`. */
export const overSource = {
  inserts(table: string, columns: readonly string[], { sql, parameters }: RowSource): SqlStatement {
    const list = columns.map(quote).join(', ')
    return { sql: `INSERT INTO ${quote(table)} (${list}) SELECT ${list} FROM ${sql} AS given`, parameters }
  },

  updates({ table, columns, matched, raised }: RowUpdate, { sql, parameters }: RowSource): SqlStatement {
    const set = columns.map(column => `${quote(column)} = given.${quote(column)}`)
    if (raised) set.push(`${quote(raised)} = given.${quote(raised)} + 1`)
    const where = matched.map(column => `${quote(table)}.${quote(column)} = given.${quote(column)}`)
    return {
      sql: `UPDATE ${quote(table)} SET ${set.join(', ')} FROM ${sql} AS given WHERE ${where.join(' AND ')}`,
      parameters,
    }
  },

  deletes(table: string, matched: readonly string[], { sql, parameters }: RowSource): SqlStatement {
    const list = matched.map(quote).join(', ')
    return {
      sql: `DELETE FROM ${quote(table)} WHERE (${list}) IN (SELECT ${list} FROM ${sql} AS given)`,
      parameters,
    }
  },
}

export function insertIfAbsent(table: string, columns: readonly string[]): string {
  return `${insertOne(table, columns)} ON CONFLICT DO NOTHING`
}

export function insertOrUpdate(
  table: string,
  columns: readonly string[],
  key: readonly string[],
  set: (given: (column: string) => string) => Readonly<Record<string, string>>,
): string {
  const assignments = Object.entries(set(column => `excluded.${quote(column)}`))
  const list = assignments.map(([column, value]) => `${quote(column)} = ${value}`)
  return `${insertOne(table, columns)} ON CONFLICT (${key.map(quote).join(', ')}) DO UPDATE SET ${list.join(', ')}`
}

function insertOne(table: string, columns: readonly string[]): string {
  const marks = columns.map(() => '?').join(', ')
  return `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES (${marks})`
}

/** The values of one column, as rows. */
export function asRows(values: readonly SqlValue[]): (readonly SqlValue[])[] {
  return values.map(value => [value])
}
