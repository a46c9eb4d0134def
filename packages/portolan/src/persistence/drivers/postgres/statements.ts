import { Recent } from '../../recent.ts'
import type { RowMaker } from '../../row-maker.ts'
import { factsOf, numbered, type StatementFacts } from '../../statement-text.ts'

export interface Statement {
  /** With `$1`, `$2`, … for parameters. */
  readonly text: string
  /** Undefined for what is not worth preparing, or must not be: the columns of `*` may change. */
  readonly name: string | undefined
  readonly facts: StatementFacts
  /** Of what is prepared and answers with rows, which come as arrays: known from the first answer on. */
  makeRow: RowMaker | undefined
}

/** The statements of a database as PostgreSQL takes them; shared by its connections. */
export class PostgresStatements {
  readonly #prepare: boolean
  readonly #known = new Recent<Statement>(512)
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

  readonly #make = (sql: string): Statement => {
    const facts = factsOf(sql)
    const { onlyReads, changesRows, returnsRows, namesColumns } = facts
    const lasting = this.#prepare && (onlyReads || changesRows) && (!returnsRows || namesColumns)
    const name = lasting ? `portolan_${++this.#names}` : undefined
    return { text: numbered(sql), name, facts, makeRow: undefined }
  }
}
