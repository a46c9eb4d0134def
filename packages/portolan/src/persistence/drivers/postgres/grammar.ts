import type { SqlGrammar, SqlStatement } from '../../driver.ts'
import { insertIfAbsent, insertOrUpdate, overSource, quote } from '../../row-source-grammar.ts'
import type { SqlValue } from '../../sql-value.ts'
import type { Statements } from '../../statements.ts'
import { columnsOf } from './columns.ts'
import { arrayText } from './values.ts'

/** Rows travel as one array a column, which is faster than many parameters and one statement for any number of rows. */
export function postgresGrammar(statements: Statements): SqlGrammar {
  const tables = new ColumnTypes(statements)

  async function source(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
  ): Promise<SqlStatement> {
    const types = await tables.of(table)
    const elements: string[] = []
    const selected: string[] = []
    for (const column of columns) {
      const type = types.get(column)
      // An array of arrays would be unnested whole, so those travel as text.
      const element = type === undefined || type.isArray ? 'text' : type.name
      elements.push(`?::${element}[]`)
      selected.push(type?.isArray ? `${quote(column)}::${type.name} AS ${quote(column)}` : quote(column))
    }
    const names = columns.map(quote).join(', ')
    return {
      sql: `(SELECT ${selected.join(', ')} FROM unnest(${elements.join(', ')}) AS given_arrays (${names}))`,
      parameters: columns.map((_, i) => arrayText(rows.map(row => row[i]!))),
    }
  }

  return {
    quote,
    forUpdate: ' FOR UPDATE',
    comparesRows: true,
    columns: table => columnsOf(statements, table),
    async lists(table, column, values) {
      if (values.length === 0) return []
      const type = (await tables.of(table)).get(column)
      const element = type === undefined || type.isArray ? 'text' : type.name
      return [{ sql: `(SELECT unnest(?::${element}[]))`, parameters: [arrayText(values)] }]
    },
    async inserts(table, columns, rows) {
      return rows.length === 0 ? [] : [overSource.inserts(table, columns, await source(table, columns, rows))]
    },
    async updates(update, rows) {
      if (rows.length === 0) return []
      const given = await source(update.table, [...update.columns, ...update.matched], rows)
      return [overSource.updates(update, given)]
    },
    async deletes(table, matched, rows) {
      return rows.length === 0 ? [] : [overSource.deletes(table, matched, await source(table, matched, rows))]
    },
    insertIfAbsent,
    insertOrUpdate,
  }
}

interface ColumnType {
  /** Qualified and quoted, without a length: a cast to `varchar(3)` would cut silently what the column itself refuses. */
  readonly name: string
  readonly isArray: boolean
}

/** The types of the columns of tables, as the catalogue tells them; looked up once a table. */
class ColumnTypes {
  readonly #statements: Statements
  readonly #known = new Map<string, ReadonlyMap<string, ColumnType>>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  async of(table: string): Promise<ReadonlyMap<string, ColumnType>> {
    const known = this.#known.get(table)
    if (known) return known
    const rows = await this.#statements.query<{ column: string; type: string; array: number }>(
      `SELECT a.attname AS column, format('%I.%I', n.nspname, t.typname) AS type, t.typcategory = 'A' AS array
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
       WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped`,
      [quote(table)],
    )
    const types = new Map(
      rows.map(({ column, type, array }) => [column, { name: type, isArray: array === 1 }]),
    )
    // A table that is not there yet may come; one that is changed keeps names whose casts still fit or fail.
    if (types.size > 0) this.#known.set(table, types)
    return types
  }
}
