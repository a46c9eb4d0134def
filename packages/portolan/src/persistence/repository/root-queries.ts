import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { Database } from '../database.ts'
import type { AnyMapping } from '../mapping.ts'
import type { SqlValue } from '../sql-value.ts'
import type { Reading } from './row-reader.ts'
import type { Row } from './rows.ts'
import type { TableSchema } from './table-schema.ts'

type Select<Tables, Table extends keyof Tables & string> = SelectQueryBuilder<Tables, Table, object>

/** Queries over the root's table, for an application to narrow. */
export class RootQueries<Tables, Table extends keyof Tables & string> {
  readonly #database: Database
  readonly #mapping: Pick<AnyMapping<never>, 'table' | 'softDelete'>
  readonly #schema: TableSchema
  // Builders never change, and naming the columns is half of their work.
  #selects: { kept?: Select<Tables, Table>; all?: Select<Tables, Table> } = {}
  #columns: TableSchema['columns']

  constructor(
    database: Database,
    mapping: Pick<AnyMapping<never>, 'table' | 'softDelete'>,
    schema: TableSchema,
  ) {
    this.#database = database
    this.#mapping = mapping
    this.#schema = schema
  }

  select({ deleted }: Reading): Select<Tables, Table> {
    if (this.#columns !== this.#schema.columns) {
      this.#columns = this.#schema.columns
      this.#selects = {}
    }
    const variant = deleted ? 'all' : 'kept'
    this.#selects[variant] ??= this.#make(deleted)
    return this.#selects[variant]
  }

  rows(query: Select<Tables, Table>, { lock }: Reading): Promise<Row[]> {
    const { sql, parameters } = query.compile()
    const text = lock ? sql + this.#database.grammar.forUpdate : sql
    return this.#database.query<Row>(text, parameters as SqlValue[])
  }

  /** The column, whatever its name holds. */
  ref(column: string): RawBuilder<unknown> {
    return sql.id(this.#mapping.table, column)
  }

  #make(deleted: boolean): Select<Tables, Table> {
    const { table, softDelete } = this.#mapping
    // Typed loosely inside: the names are data here, and were checked where the mapping was written.
    const query = this.#database.kysely<Record<string, Record<string, unknown>>>().selectFrom(table as string)
    const columns = [...(this.#columns?.keys() ?? [])]
    const selected =
      columns.length > 0
        ? query.select(columns.map(column => this.ref(column).as(column)))
        : query.selectAll(table)
    const narrowed =
      deleted || softDelete === undefined ? selected : selected.where(this.ref(softDelete), 'is', null)
    return narrowed as unknown as Select<Tables, Table>
  }
}
