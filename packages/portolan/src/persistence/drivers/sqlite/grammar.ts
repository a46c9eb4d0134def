import { InfrastructureError } from '../../../ports/errors.ts'
import type { SqlGrammar, SqlStatement } from '../../driver.ts'
import { asRows, insertIfAbsent, insertOrUpdate, overSource, quote } from '../../row-source-grammar.ts'
import type { SqlValue } from '../../sql-value.ts'
import type { Statements } from '../../statements.ts'
import { columnsOf } from './columns.ts'

/** JSON holds neither bytes nor all 64 bits of an integer: such columns travel as text and are read back. */
type Travel = 'plain' | 'integer' | 'bytes'

export const sqliteGrammar = (statements: Statements): SqlGrammar => ({
  quote,
  // One connection writes, and nothing changes beside it.
  forUpdate: '',
  comparesRows: true,
  lists: (_table, column, values) => sourced(values, () => source([column], asRows(values))),
  inserts,
  updates: (update, rows) =>
    sourced(rows, () => overSource.updates(update, source([...update.columns, ...update.matched], rows))),
  deletes: (table, matched, rows) =>
    sourced(rows, () => overSource.deletes(table, matched, source(matched, rows))),
  insertIfAbsent,
  insertOrUpdate,
  columns: table => columnsOf(statements, table),
})

/** Rows of one insert at most, and what a statement binds at most (https://sqlite.org/limits.html). */
const mostInserted = 128
const mostBound = 32_766

/**
 * Plain rows, which are written three times as fast as those that come out of JSON; each statement is only a call here. Their numbers
 * are powers of two, so that there are few texts to prepare however many rows are given.
 */
function inserts(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): readonly SqlStatement[] {
  const into = `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES `
  const row = `(${columns.map(() => '?').join(', ')})`
  const statements: SqlStatement[] = []
  let size = mostInserted
  let sql = ''
  let of = 0
  for (let from = 0; from < rows.length; from += size) {
    while (size > rows.length - from || size * columns.length > mostBound) size /= 2
    // One text for all of its size, which is looked up again and again.
    if (of !== size) sql = into + Array(size).fill(row).join(', ')
    of = size
    const parameters: SqlValue[] = []
    for (let i = from; i < from + size; i++) for (const value of rows[i]!) parameters.push(value)
    statements.push({ sql, parameters })
  }
  return statements
}

function sourced(rows: readonly unknown[], statement: () => SqlStatement): readonly SqlStatement[] {
  return rows.length === 0 ? [] : [statement()]
}

function source(columns: readonly string[], rows: readonly (readonly SqlValue[])[]): SqlStatement {
  const travels = columns.map((column, i) => travelOf(column, i, rows))
  const fields = columns.map((column, i) => `${reading[travels[i]!](`value ->> ${i}`)} AS ${quote(column)}`)
  const plain = travels.every(travel => travel === 'plain')
  const body = plain ? rows : rows.map(row => row.map(written))
  return { sql: `(SELECT ${fields.join(', ')} FROM json_each(?))`, parameters: [JSON.stringify(body)] }
}

const reading: Record<Travel, (field: string) => string> = {
  plain: field => field,
  integer: field => `CAST(${field} AS INTEGER)`,
  bytes: field => `unhex(${field})`,
}

function travelOf(column: string, index: number, rows: readonly (readonly SqlValue[])[]): Travel {
  let travel: Travel = 'plain'
  for (const row of rows) {
    const value = row[index]!
    if (typeof value === 'bigint') travel = 'integer'
    else if (typeof value === 'object' && value !== null) travel = 'bytes'
  }
  if (travel === 'plain') return travel
  for (const row of rows) {
    const value = row[index]!
    const fits =
      value === null ||
      (travel === 'bytes'
        ? typeof value === 'object'
        : typeof value === 'bigint' || Number.isSafeInteger(value))
    if (fits) continue
    throw new InfrastructureError(
      'invalid_argument',
      `The rows give values of different types for the column '${column}'. Give the same type in each.`,
    )
  }
  return travel
}

function written(value: SqlValue): string | number | null {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'object' && value !== null) return Buffer.from(value).toString('hex')

  return value
}
