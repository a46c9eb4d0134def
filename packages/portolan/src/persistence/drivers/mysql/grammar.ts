import type { RowUpdate, SqlGrammar, SqlStatement } from '../../driver.ts'
import { quote } from '../../row-source-grammar.ts'
import type { SqlValue } from '../../sql-value.ts'
import type { Statements } from '../../statements.ts'
import { columnsOf } from './columns.ts'
import { roomOf } from './literals.ts'
import { ifAbsent, manyRows } from './statements.ts'

type Row = readonly SqlValue[]

/** Rows of one statement at most. */
const mostRows = 1_000
/** Room of the values of one statement at most: as text it may take some times as much, which servers take by default. */
const mostBytes = 256 * 1024
/** Up to so many parameters a statement is prepared: a few sizes come again and again. */
const mostPrepared = 128
/** Parameters of lists come in these counts, so that few statements serve all. */
const listSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000]

export const mysqlGrammar = (statements: Statements): SqlGrammar => ({
  quote,
  forUpdate: ' FOR UPDATE',
  comparesRows: false,
  columns: table => columnsOf(statements, table),

  lists: (_table, _column, values) =>
    chunks(values, () => 1).map(chunk => {
      const size = listSizes.find(length => length >= chunk.length)!
      return {
        sql: `(${marks(size)})`,
        // The last one once more does not change what is found.
        parameters: [...chunk, ...new Array<SqlValue>(size - chunk.length).fill(chunk.at(-1)!)],
      }
    }),

  inserts(table, columns, rows) {
    const row = `(${marks(columns.length)})`
    const sql = `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES `
    return chunks(rows, roomOf).map(chunk => statement(sql + list(chunk.length, row), chunk))
  },

  updates({ table, columns, matched, raised }: RowUpdate, rows) {
    const set = columns.map(column => `${quote(table)}.${quote(column)} = given.${quote(column)}`)
    if (raised) set.push(`${quote(table)}.${quote(raised)} = given.${quote(raised)} + 1`)
    return chunks(rows, roomOf).map(chunk => ({
      sql: `${manyRows}UPDATE ${joined(table, [...columns, ...matched], matched, chunk.length)} SET ${set.join(', ')}`,
      parameters: flat(chunk),
    }))
  },

  deletes: (table, matched, rows) =>
    chunks(rows, roomOf).map(chunk => ({
      sql: `${manyRows}DELETE ${quote(table)} FROM ${joined(table, matched, matched, chunk.length)}`,
      parameters: flat(chunk),
    })),

  insertIfAbsent: (table, columns) => ifAbsent + insertOne(table, columns),

  insertOrUpdate(table, columns, _key, set) {
    const assignments = Object.entries(set(column => `VALUES(${quote(column)})`))
    const changes = assignments.map(([column, value]) => `${quote(column)} = ${value}`)
    return `${insertOne(table, columns)} ON DUPLICATE KEY UPDATE ${changes.join(', ')}`
  },
})

/**
 * The table, joined with rows that are given. Those come first, so that the others are read by the key, and no row is locked that is
 * not meant. Not to be prepared: the types of the derived columns are those of the literals.
 */
function joined(table: string, given: readonly string[], matched: readonly string[], count: number): string {
  const first = `SELECT ${given.map(column => `? AS ${quote(column)}`).join(', ')}`
  const others = ` UNION ALL SELECT ${marks(given.length)}`.repeat(count - 1)
  const on = matched.map(column => `${quote(table)}.${quote(column)} = given.${quote(column)}`)
  return `(${first}${others}) AS given STRAIGHT_JOIN ${quote(table)} ON ${on.join(' AND ')}`
}

function statement(sql: string, rows: readonly Row[]): SqlStatement {
  const parameters = flat(rows)
  return { sql: parameters.length > mostPrepared ? manyRows + sql : sql, parameters }
}

/** As `flat` of arrays, in a fraction of its time. */
function flat(rows: readonly Row[]): SqlValue[] {
  const values: SqlValue[] = []
  for (const row of rows) for (const value of row) values.push(value)
  return values
}

function insertOne(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES (${marks(columns.length)})`
}

function marks(count: number): string {
  return list(count, '?')
}

function list(count: number, item: string): string {
  return item + `, ${item}`.repeat(count - 1)
}

/** In pieces of what one statement takes; a row that is larger alone makes a piece of its own. */
function chunks<T>(rows: readonly T[], room: (row: T) => number): T[][] {
  const pieces: T[][] = []
  let piece: T[] = []
  let bytes = 0
  for (const row of rows) {
    const size = room(row)
    if (piece.length === mostRows || (piece.length > 0 && bytes + size > mostBytes)) {
      pieces.push(piece)
      piece = []
      bytes = 0
    }
    piece.push(row)
    bytes += size
  }
  if (piece.length > 0) pieces.push(piece)
  return pieces
}
