import { InfrastructureError } from '../../ports/errors.ts'
import type { Database } from '../database.ts'
import type { SqlStatement } from '../driver.ts'
import { Recent } from '../recent.ts'
import type { SqlValue } from '../sql-value.ts'
import type { Row } from './rows.ts'

/** Writes rows of one table: a single one by a plain statement, many by one that takes them all. */
export class RowWriter {
  readonly #database: Database
  readonly #table: string
  readonly #quoted: string
  // Statements differ only by the columns that they name.
  readonly #texts = new Recent<string>(32)

  constructor(database: Database, table: string) {
    this.#database = database
    this.#table = table
    this.#quoted = database.grammar.quote(table)
  }

  async insert(rows: readonly Row[]): Promise<void> {
    const [first] = rows
    if (!first) return
    const columns = Object.keys(first)
    if (rows.length === 1) {
      const sql = this.#texts.get(
        `insert ${columns.join()}`,
        () =>
          `INSERT INTO ${this.#quoted} (${this.#list(columns)}) VALUES (${columns.map(() => '?').join(', ')})`,
      )
      await this.#database.execute(sql, valuesOf(first, columns))
      return
    }
    await this.#perform(
      await this.#database.grammar.inserts(this.#table, columns, valuesOfAll(rows, columns)),
    )
  }

  /**
   * Sets `columns` where the columns of `key` are equal; resolves with the number of rows that were there. With `version`, that
   * column must be equal, too, and is raised by one.
   */
  async update(
    rows: readonly Row[],
    columns: readonly string[],
    key: readonly string[],
    version?: string,
  ): Promise<number> {
    if (rows.length === 0) return 0
    const matched = version ? [...key, version] : key
    const quote = this.#database.grammar.quote
    const bound = [...columns, ...matched]
    if (rows.length === 1) {
      const sql = this.#texts.get(`update ${columns.join()} ${matched.join()}`, () => {
        const set = columns.map(column => `${quote(column)} = ?`)
        if (version) set.push(`${quote(version)} = ${quote(version)} + 1`)
        const where = matched.map(column => `${quote(column)} = ?`)
        return `UPDATE ${this.#quoted} SET ${set.join(', ')} WHERE ${where.join(' AND ')}`
      })
      return this.#database.execute(sql, valuesOf(rows[0]!, bound))
    }
    const update = { table: this.#table, columns, matched, raised: version }
    return this.#perform(await this.#database.grammar.updates(update, valuesOfAll(rows, bound)))
  }

  async delete(rows: readonly Row[], key: readonly string[]): Promise<number> {
    if (rows.length === 0) return 0
    return this.#perform(await this.#database.grammar.deletes(this.#table, key, valuesOfAll(rows, key)))
  }

  async #perform(statements: readonly SqlStatement[]): Promise<number> {
    let changed = 0
    for (const { sql, parameters } of statements) changed += await this.#database.execute(sql, parameters)
    return changed
  }

  #list(columns: readonly string[]): string {
    return columns.map(this.#database.grammar.quote).join(', ')
  }
}

function valuesOfAll(rows: readonly Row[], columns: readonly string[]): SqlValue[][] {
  return rows.map(row => valuesOf(row, columns))
}

function valuesOf(row: Row, columns: readonly string[]): SqlValue[] {
  return columns.map(column => {
    const value = row[column]
    if (value !== undefined) return value
    throw new InfrastructureError(
      'invalid_argument',
      `toRows left out the column '${column}' of a row, but gave it in another.`,
    )
  })
}
