import type { Database } from '../database.ts'
import type { Column } from '../driver.ts'
import { fault, type SqlValue } from '../sql-value.ts'
import { fieldError } from './field-error.ts'
import { misfit, tooLarge } from './misfit.ts'

/**
 * What the schema says of a table. It is looked up once, so that every engine refuses the same values with the same error: one of
 * them tells no column, another takes what is too long.
 */
export class TableSchema {
  readonly table: string
  readonly #database: Database
  #columns: ReadonlyMap<string, Column> | undefined

  constructor(database: Database, table: string) {
    this.#database = database
    this.table = table
  }

  /** The columns by name; `undefined` before they were looked up, and where there is no such table. */
  get columns(): ReadonlyMap<string, Column> | undefined {
    return this.#columns
  }

  /** Looks the columns up, again when they are known already. */
  async learn(): Promise<void> {
    const columns = await this.#database.grammar.columns(this.table)
    this.#columns = columns.length > 0 ? new Map(columns.map(column => [column.name, column])) : undefined
  }

  /**
   * Whether `value` can be stored in `column` just as it is, by the few looks that suffice for nearly all that is stored; of what does
   * not pass, `check` tells more.
   */
  fits(column: string, value: unknown): boolean {
    const declared = this.#columns?.get(column)
    if (typeof value === 'string') {
      return (
        declared?.holds === 'text' &&
        (declared.length === undefined || value.length <= declared.length) &&
        fault(value) === undefined
      )
    }
    if (declared?.holds !== 'integer' || !Number.isSafeInteger(value)) return false
    return declared.bits === undefined || Math.abs(value as number) < 2 ** (declared.bits - 1)
  }

  /** @throws InfrastructureError `invalid_argument` when `value` cannot be stored in `column`. */
  check(column: string, value: unknown): asserts value is SqlValue {
    const declared = this.#columns?.get(column)
    const reason = this.#misfit(declared, value) ?? exceeds(declared, value as SqlValue)
    if (reason !== undefined) throw fieldError('invalid_argument', this.table, column, ` ${reason}`)
  }

  /** As `check`, for a value to compare with: text that is too long to be stored equals nothing, and that is all. */
  checkComparable(column: string, value: unknown): asserts value is SqlValue {
    const reason = this.#misfit(this.#columns?.get(column), value)
    if (reason !== undefined) throw fieldError('invalid_argument', this.table, column, ` ${reason}`)
  }

  #misfit(declared: Column | undefined, value: unknown): string | undefined {
    const unstorable = fault(value)
    if (unstorable !== undefined || !this.#columns) return unstorable
    if (!declared) return 'is no column of the table. Correct the mapping, or migrate the database first.'
    return value === null ? undefined : misfit(declared, value as Exclude<SqlValue, null>)
  }
}

function exceeds(declared: Column | undefined, value: SqlValue): string | undefined {
  const length = declared?.length
  return length !== undefined && typeof value === 'string' ? tooLarge(value, length) : undefined
}
