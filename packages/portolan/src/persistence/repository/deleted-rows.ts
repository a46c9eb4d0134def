import { InfrastructureError } from '../../ports/errors.ts'
import type { Database } from '../database.ts'
import { keyOf, type Row } from './rows.ts'

/** Tells when a unique value is taken by a row that nobody sees, as it counts as deleted. */
export class DeletedRows {
  readonly #database: Database
  readonly #table: string
  readonly #key: string
  readonly #softDelete: string

  constructor(database: Database, table: string, key: string, softDelete: string) {
    this.#database = database
    this.#table = table
    this.#key = key
    this.#softDelete = softDelete
  }

  /**
   * Runs `write`, which writes `rows`. It gets a savepoint of its own, as some engines run nothing more in a transaction in which a
   * statement has failed, and the reason has to be looked up in it.
   */
  async explaining(rows: readonly Row[], write: () => Promise<void>): Promise<void> {
    if (rows.length === 0) return
    try {
      await (this.#database.capabilities.savepoints
        ? this.#database.run(write, { propagation: 'nested' })
        : write())
    } catch (error) {
      if (!InfrastructureError.is(error, 'already_exists')) throw error
      const columns = await this.#takenBy(rows, error.details.columns as readonly string[])
      if (!columns) throw error
      throw new InfrastructureError(
        'already_exists',
        `A row of '${this.#table}' with the same ${columns.join(', ')} was deleted and is kept. ` +
          'Find it with `includeDeleted` and restore it, or purge it first.',
        { cause: error, details: { ...error.details, table: this.#table, columns, deleted: true } },
      )
    }
  }

  /** The columns in which one of `rows` equals a deleted one: those of the violated constraint, or the key. */
  async #takenBy(rows: readonly Row[], violated: readonly string[]): Promise<readonly string[] | undefined> {
    const known = violated.length > 0 && violated.every(column => column in rows[0]!)
    for (const columns of known ? [violated, [this.#key]] : [[this.#key]]) {
      if (await this.#holdsAny(rows, columns)) return columns
    }
    return undefined
  }

  async #holdsAny(rows: readonly Row[], columns: readonly string[]): Promise<boolean> {
    const { quote, lists } = this.#database.grammar
    const [first] = columns
    const values = rows.map(row => row[first!]!).filter(value => value !== null)
    const wanted = new Set(rows.map(row => keyOf(row, columns)))
    for (const list of await lists(this.#table, first!, values)) {
      const found = await this.#database.query<Row>(
        `SELECT ${columns.map(quote).join(', ')} FROM ${quote(this.#table)} ` +
          `WHERE ${quote(first!)} IN ${list.sql} AND ${quote(this.#softDelete)} IS NOT NULL`,
        list.parameters,
      )
      if (found.some(row => wanted.has(keyOf(row, columns)))) return true
    }
    return false
  }
}
