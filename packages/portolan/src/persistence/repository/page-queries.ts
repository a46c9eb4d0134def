import { type SelectQueryBuilder, sql } from 'kysely'
import type { Database } from '../database.ts'
import type { SqlValue } from '../sql-value.ts'
import { comesAfter, type OrderColumn } from './page-order.ts'
import type { RootQueries } from './root-queries.ts'
import type { Reading } from './row-reader.ts'
import type { Row } from './rows.ts'

type Select<Tables, Table extends keyof Tables & string> = SelectQueryBuilder<Tables, Table, object>

export interface PageRequest {
  readonly order: readonly OrderColumn[]
  /** The values of the last row of the page before. */
  readonly start: readonly SqlValue[] | undefined
  readonly limit: number
}

/** Stands in a statement for a value that each page has of its own: its place in the list of them. */
class Slot {
  readonly place: number

  constructor(place: number) {
    this.place = place
  }
}

interface Statement {
  readonly sql: string
  readonly parameters: readonly (SqlValue | Slot)[]
}

/** Reads the rows of pages. The statement of those that nobody narrows is composed once, and then only given other values. */
export class PageQueries<Tables, Table extends keyof Tables & string> {
  readonly #database: Database
  readonly #table: string
  readonly #roots: RootQueries<Tables, Table>
  /** By the builder that they begin with, which is another one when the columns are. */
  readonly #statements = new WeakMap<object, Map<string, Statement>>()

  constructor(database: Database, table: string, roots: RootQueries<Tables, Table>) {
    this.#database = database
    this.#table = table
    this.#roots = roots
  }

  narrowed(
    request: PageRequest,
    reading: Reading,
    narrow: (query: Select<Tables, Table>) => Select<Tables, Table>,
  ): Promise<Row[]> {
    return this.#roots.rows(this.#compose(narrow(this.#roots.select(reading)), request), reading)
  }

  rows(request: PageRequest, reading: Reading): Promise<Row[]> {
    const { start = [] } = request
    const statement = this.#statement(request, reading)
    const given = statement.parameters.map(value => (value instanceof Slot ? start[value.place]! : value))
    return this.#database.query<Row>(statement.sql, given)
  }

  #statement({ order, start, limit }: PageRequest, reading: Reading): Statement {
    const select = this.#roots.select(reading)
    let statements = this.#statements.get(select)
    if (!statements) {
      statements = new Map()
      this.#statements.set(select, statements)
    }
    const form = `${start === undefined} ${limit} ${JSON.stringify(order)}`
    let statement = statements.get(form)
    if (!statement) {
      const slots = order.map((_, place) => new Slot(place) as unknown as SqlValue)
      const query = this.#compose(select, { order, start: start && slots, limit })
      statement = query.compile() as Statement
      statements.set(form, statement)
    }
    return statement
  }

  #compose(query: Select<Tables, Table>, { order, start, limit }: PageRequest): Select<Tables, Table> {
    const { comparesRows } = this.#database.grammar
    let composed = query
    if (start) composed = composed.where(comesAfter(this.#table, order, start, comparesRows))
    for (const { column, direction } of order) composed = composed.orderBy(this.#roots.ref(column), direction)
    // Written out: PostgreSQL plans a statement anew each time that it does not know how few rows are wanted.
    return composed.limit(sql.lit(limit))
  }
}
