import { InfrastructureError } from '../../ports/errors.ts'
import type { Database } from '../database.ts'
import type { SqlStatement } from '../driver.ts'
import { Recent } from '../recent.ts'
import type { SqlValue } from '../sql-value.ts'
import type { Row } from './rows.ts'

/** `send`: in a unit of work in which nobody asks what became of one statement. */
export type Runs = 'execute' | 'send'

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

  /**
   * All or none. `common`: columns that have the same value in all of them, whatever they say themselves. `run`: what executes the statements, or only
   * sends them.
   */
  async insert(rows: readonly Row[], run: Runs, common: Row = {}): Promise<void> {
    const [first] = rows
    if (!first) return
    const own = Object.keys(first).filter(column => !Object.hasOwn(common, column))
    const columns = [...own, ...Object.keys(common)]
    const shared = Object.values(common)
    if (rows.length === 1) {
      const sql = this.#texts.get(
        `insert ${columns.join()}`,
        () =>
          `INSERT INTO ${this.#quoted} (${this.#list(columns)}) VALUES (${columns.map(() => '?').join(', ')})`,
      )
      await this.#database[run](sql, valuesOf(first, own, shared))
      return
    }
    const values = valuesOfAll(rows, own, shared)
    const statements = await this.#database.grammar.inserts(this.#table, columns, values)
    const insert = async () => {
      for (const { sql, parameters } of statements) await this.#database[run](sql, parameters)
    }
    await (statements.length === 1 ? insert() : this.#database.run(insert))
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

const none: readonly SqlValue[] = []

function valuesOfAll(rows: readonly Row[], columns: readonly string[], common = none): SqlValue[][] {
  return rows.map(row => valuesOf(row, columns, common))
}

/** Those of `columns`, and then `common`. */
function valuesOf(row: Row, columns: readonly string[], common = none): SqlValue[] {
  const values = new Array<SqlValue>(columns.length + common.length)
  for (let i = 0; i < columns.length; i++) {
    const value = row[columns[i]!]
    if (value === undefined) throw leftOut(columns[i]!)
    values[i] = value
  }
  for (let i = 0; i < common.length; i++) values[columns.length + i] = common[i]!
  return values
}

function leftOut(column: string): InfrastructureError {
  return new InfrastructureError(
    'invalid_argument',
    `toRows left out the column '${column}' of a row, but gave it in another.`,
  )
}
