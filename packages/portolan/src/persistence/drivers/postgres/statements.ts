import { Recent } from '../../recent.ts'
import { rowReader, type TextRowMaker } from '../../row-maker.ts'
import { factsOf, numbered, type StatementFacts } from '../../statement-text.ts'
import type { PgClient, PgField } from './client.ts'
import { type PreparedQueryClass, preparedQueries, queryClassOf } from './prepared-query.ts'
import { readerOf } from './values.ts'

export interface Statement {
  /** With `$1`, `$2`, … for parameters. */
  readonly text: string
  /** Undefined for what is not worth preparing, or must not be: the columns of `*` may change. */
  readonly name: string | undefined
  readonly facts: StatementFacts
}

/** The statements of a database as PostgreSQL takes them; shared by its connections. */
export class PostgresStatements {
  readonly #prepare: boolean
  readonly #known = new Recent<Statement>(512)
  readonly #makers = new Recent<TextRowMaker>(512)
  #PreparedQuery: PreparedQueryClass | undefined
  #names = 0

  /** `prepare`: off behind poolers that give each transaction another session. */
  constructor(prepare: boolean) {
    this.#prepare = prepare
  }

  of(sql: string): Statement {
    return this.#known.get(sql, this.#make)
  }

  /** Forgets the names: their plans no longer fit the schema. */
  renew(): void {
    this.#known.clear()
  }

  /** Makes rows with these columns. */
  readonly makerOf = (fields: readonly PgField[]): TextRowMaker => {
    const names = fields.map(({ name }) => name)
    const types = fields.map(({ dataTypeID }) => dataTypeID)
    return this.#makers.get(JSON.stringify([names, types]), () => rowReader(names, types.map(readerOf)))
  }

  /** What queries of `client` are made of; one class for all clients of a database. `undefined`: it takes only its own. */
  queryClass(client: PgClient): PreparedQueryClass | undefined {
    const Query = queryClassOf(client)
    if (Query) this.#PreparedQuery ??= preparedQueries(Query)
    return Query && this.#PreparedQuery
  }

  readonly #make = (sql: string): Statement => {
    const facts = factsOf(sql)
    const { onlyReads, changesRows, returnsRows, namesColumns } = facts
    const lasting = this.#prepare && (onlyReads || changesRows) && (!returnsRows || namesColumns)
    const name = lasting ? `portolan_${++this.#names}` : undefined
    return { text: numbered(sql), name, facts }
  }
}
