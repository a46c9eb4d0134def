import type { Database } from '../database.ts'
import type { SqlValue } from '../sql-value.ts'
import type { Row } from './rows.ts'
import type { TableSchema } from './table-schema.ts'

/** Which rows to read, and how. */
export interface Reading {
  /** They stay as they are until the unit of work ends. */
  readonly lock: boolean
  /** Those that count as deleted, too. */
  readonly deleted: boolean
}

/**
 * Reads rows of one table by a column. Its columns are asked for by name: statements that say `*` are read more slowly, as their
 * columns may change.
 */
export class RowReader {
  readonly #database: Database
  readonly #schema: TableSchema
  readonly #by: string
  readonly #orderBy: readonly string[]
  readonly #softDelete: string | undefined
  // Those of single values, by what `Reading` asks for; as long as the columns are the same.
  #texts: (string | undefined)[] = []
  #columns: TableSchema['columns']

  constructor(
    database: Database,
    schema: TableSchema,
    by: string,
    { orderBy = [], softDelete }: { orderBy?: readonly string[]; softDelete?: string | undefined } = {},
  ) {
    this.#database = database
    this.#schema = schema
    this.#by = by
    this.#orderBy = orderBy
    this.#softDelete = softDelete
  }

  /** The rows whose column equals one of `values`. */
  read(values: readonly SqlValue[], reading: Reading): Promise<Row[]> {
    return values.length === 1
      ? this.#database.query<Row>(this.#byOne(reading), values)
      : this.#readMany(values, reading)
  }

  async #readMany(values: readonly SqlValue[], reading: Reading): Promise<Row[]> {
    const rows: Row[] = []
    // Where there are several lists, whoever locks the same rows takes them in the same order.
    const ordered = reading.lock ? values.toSorted(compared) : values
    for (const list of await this.#database.grammar.lists(this.#schema.table, this.#by, ordered)) {
      const sql = this.#select(`IN ${list.sql}`, reading)
      for (const row of await this.#database.query<Row>(sql, list.parameters)) rows.push(row)
    }
    return rows
  }

  #byOne(reading: Reading): string {
    if (this.#columns !== this.#schema.columns) {
      this.#columns = this.#schema.columns
      this.#texts = []
    }
    const variant = (reading.lock ? 1 : 0) + (reading.deleted ? 2 : 0)
    this.#texts[variant] ??= this.#select('= ?', reading)
    return this.#texts[variant]
  }

  #select(condition: string, { lock, deleted }: Reading): string {
    const { quote, forUpdate } = this.#database.grammar
    const columns = [...(this.#schema.columns?.keys() ?? [])].map(quote).join(', ') || '*'
    const kept = deleted || !this.#softDelete ? '' : ` AND ${quote(this.#softDelete)} IS NULL`
    const order = (lock ? [this.#by, ...this.#orderBy] : this.#orderBy).map(quote).join(', ')
    return (
      `SELECT ${columns} FROM ${quote(this.#schema.table)} WHERE ${quote(this.#by)} ${condition}${kept}` +
      `${order && ` ORDER BY ${order}`}${lock ? forUpdate : ''}`
    )
  }
}

function compared(a: SqlValue, b: SqlValue): number {
  return a! < b! ? -1 : a! > b! ? 1 : 0
}
