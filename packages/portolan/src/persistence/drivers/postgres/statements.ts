import { Recent } from '../../recent.ts'
import { factsOf, numbered, type StatementFacts } from '../../statement-text.ts'

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
    return { text: numbered(sql), name: lasting ? `portolan_${++this.#names}` : undefined, facts }
  }
}
