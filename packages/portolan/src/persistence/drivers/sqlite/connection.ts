import { InfrastructureError } from '../../../ports/errors.ts'
import type { Connection } from '../../driver.ts'
import { Recent } from '../../recent.ts'
import { type RowMaker, rowMaker } from '../../row-maker.ts'
import { narrowed, type SqlRow, type SqlValue } from '../../sql-value.ts'
import { type StatementFacts, skeleton } from '../../statement-text.ts'
import type { SqliteClient, SqliteStatement } from './client.ts'
import { withStablePlan } from './stable-plan.ts'

/** A prepared statement and what its text told. */
interface Prepared {
  readonly statement: SqliteStatement
  readonly facts: StatementFacts
  /** Set when rows come as arrays. */
  readonly makeRow: RowMaker | undefined
  /** Whether integers come as `bigint`, to be narrowed. */
  wide: boolean
}

/** One connection: prepared statements that are kept, integers without loss, plain objects as rows. */
export class SqliteConnection implements Connection {
  readonly client: SqliteClient
  readonly facts: (sql: string) => StatementFacts
  readonly #prepared = new Recent<Prepared>(256)

  /** `facts`: what texts of statements tell; shared by the connections of a database. */
  constructor(client: SqliteClient, facts: (sql: string) => StatementFacts) {
    this.client = client
    this.facts = facts
  }

  query(sql: string, parameters: readonly SqlValue[]): SqlRow[] {
    const prepared = this.#prepared.get(sql, this.#compile)
    const { makeRow } = prepared
    const rows = allOf(prepared, bind(parameters))
    if (makeRow) {
      if (prepared.wide) for (let i = 0; i < rows.length; i++) narrow(rows[i] as SqlValue[])
      for (let i = 0; i < rows.length; i++) rows[i] = makeRow(rows[i] as SqlValue[])
    } else {
      for (let i = 0; i < rows.length; i++) rows[i] = fromObject(rows[i] as Record<string, SqlValue>)
    }
    return rows as SqlRow[]
  }

  execute(sql: string, parameters: readonly SqlValue[]): number {
    const { statement, facts } = this.#prepared.get(sql, this.#compile)
    const { changes } = statement.run(...bind(parameters))
    // SQLite answers with the count of an earlier statement when this one changes no rows.
    return facts.changesRows ? Number(changes) : 0
  }

  /** Ends the transaction, where there is one. Never throws: what led here is the error that counts. */
  rollBack(): void {
    if (!this.client.isOpen || !this.client.isTransaction) return
    try {
      this.execute('ROLLBACK', [])
    } catch {
      // SQLite had rolled back by itself.
    }
  }

  /** Changes when another connection has committed. */
  dataVersion(): unknown {
    return this.query('PRAGMA data_version', [])[0]!.data_version
  }

  close(): void {
    this.#prepared.clear()
    if (this.client.isOpen) this.client.close()
  }

  readonly #compile = (sql: string): Prepared => {
    const text = withStablePlan(sql)
    const statement = this.client.prepare(text)
    // node:sqlite compiles the first statement of the text and would ignore the rest.
    if (/[^\s;]/.test(skeleton(text.slice(statement.sourceSQL.length)))) {
      throw new InfrastructureError(
        'invalid_argument',
        'Give one statement at a time; this text holds several.',
      )
    }
    const facts = this.facts(sql)
    // A number beyond 2^53 makes node:sqlite throw: what only reads is run again then (see `allOf`); RETURNING has changed rows by then.
    const wide = !facts.onlyReads || this.client.rounds === true
    statement.setReadBigInts(wide)
    // Rows as arrays are read a third faster, but their names are then those of the first time.
    if (facts.namesColumns) statement.setReturnArrays(true)
    return {
      statement,
      facts,
      makeRow: facts.namesColumns ? rowMaker(statement.columns().map(({ name }) => name)) : undefined,
      wide,
    }
  }
}

/** Numbers bind as REAL, which a column without affinity would keep (`3.0`); whole ones therefore go as integers. */
function bind(parameters: readonly SqlValue[]): SqlValue[] {
  const bound = new Array<SqlValue>(parameters.length)
  for (let i = 0; i < parameters.length; i++) {
    const value = parameters[i]!
    bound[i] = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  }
  return bound
}

/** All rows. Reads without `bigint` where it can: most integers fit a number, and each would be allocated twice. */
function allOf(prepared: Prepared, parameters: SqlValue[]): unknown[] {
  const { statement } = prepared
  try {
    return statement.all(...parameters) as unknown[]
  } catch (error) {
    if (prepared.wide || !isOutOfRange(error)) throw error
    prepared.wide = true
    statement.setReadBigInts(true)
    return statement.all(...parameters) as unknown[]
  }
}

function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE'
}

function narrow(values: SqlValue[]): void {
  for (let i = 0; i < values.length; i++) values[i] = narrowed(values[i]!)
}

function fromObject(values: Record<string, SqlValue>): SqlRow {
  const row: SqlRow = {}
  for (const name in values) row[name] = narrowed(values[name]!)
  return row
}
