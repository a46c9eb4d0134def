import type { Database } from '../database.ts'
import type { AnyMapping, MappedChild } from '../mapping.ts'
import { partMaker, type RowMaker } from '../row-maker.ts'
import type { SqlRow, SqlValue } from '../sql-value.ts'
import type { MappedSchemas } from './mapped-schemas.ts'
import type { Reading } from './row-reader.ts'
import type { Row } from './rows.ts'
import type { TableSchema } from './table-schema.ts'

/** A root, where there is one, and its rows of a table of children in their order. */
export interface Family {
  readonly root: Row | undefined
  readonly children: readonly Row[]
}

/** How to read families, as long as the columns of both tables are the same. */
interface Plan {
  readonly root: TableSchema['columns']
  readonly child: TableSchema['columns']
  /** Undefined where it takes more than one statement. */
  readonly query: Query | undefined
}

/** What it needs to know of a mapping. */
type Rooted = Pick<AnyMapping<never>, 'table' | 'key' | 'softDelete' | 'children'>

interface Query {
  readonly sql: string
  /** Without the roots that count as deleted. */
  readonly kept: string
  /** The column of the answer that is NULL in rows of children. */
  readonly rootKey: string
  readonly makeRoot: RowMaker<SqlRow>
  readonly makeChild: RowMaker<SqlRow>
}

/**
 * Reads a root and its children by one statement: both as of one moment without a transaction, in one round trip. A large root comes
 * once, where a join would repeat it for each child. For one table of children: those that pad several would need types in PostgreSQL.
 */
export class FamilyReader {
  readonly #database: Database
  readonly #mapping: Rooted
  readonly #child: MappedChild
  readonly #root: TableSchema
  readonly #rows: TableSchema
  #known: Plan | undefined

  constructor(database: Database, mapping: Rooted, { root, children }: MappedSchemas) {
    this.#database = database
    this.#mapping = mapping
    this.#child = mapping.children[0]!
    this.#root = root
    this.#rows = children[0]!
  }

  /** The root with this key; `undefined` where it takes more than one statement. */
  read(key: SqlValue, { deleted }: Reading): Promise<Family> | undefined {
    const { query } = this.#plan()
    return query && this.#read(query, deleted ? query.sql : query.kept, key)
  }

  async #read({ rootKey, makeRoot, makeChild }: Query, sql: string, key: SqlValue): Promise<Family> {
    let root: Row | undefined
    const children: Row[] = []
    for (const row of await this.#database.query(sql, [key, key])) {
      if (row[rootKey] === null) children.push(makeChild(row))
      else root = makeRoot(row)
    }
    return { root, children }
  }

  #plan(): Plan {
    const { columns: root } = this.#root
    const { columns: child } = this.#rows
    if (this.#known?.root !== root || this.#known?.child !== child) {
      this.#known = {
        root,
        child,
        query: root && child && this.#compose([...root.keys()], [...child.keys()]),
      }
    }
    return this.#known!
  }

  #compose(root: readonly string[], child: readonly string[]): Query | undefined {
    const { foreignKey, orderBy } = this.#child
    // What has a type of the engine's own may be sorted otherwise when it comes out of a union: MySQL sorts an ENUM by its text then.
    if (orderBy.some(column => (this.#rows.columns?.get(column)?.holds ?? 'other') === 'other'))
      return undefined
    const { quote } = this.#database.grammar
    const { table, key, softDelete } = this.#mapping
    const rootNames = root.map((_, i) => `r${i}`)
    const childNames = child.map((_, i) => `c${i}`)
    const nulls = (count: number) => new Array<string>(count).fill('NULL')
    const first = [...root.map(quote), ...nulls(child.length)]
    const named = [...rootNames, ...childNames].map((name, i) => `${first[i]} AS ${name}`)
    const own = `SELECT ${named.join(', ')} FROM ${quote(table)} WHERE ${quote(key)} = ?`
    const others = [...nulls(root.length), ...child.map(quote)]
    const order = orderBy.map(column => childNames[child.indexOf(column)])
    const rest =
      ` UNION ALL SELECT ${others.join(', ')} FROM ${quote(this.#rows.table)} WHERE ${quote(foreignKey)} = ?` +
      ` ORDER BY ${order.join(', ')}`
    return {
      sql: own + rest,
      kept: softDelete === undefined ? own + rest : `${own} AND ${quote(softDelete)} IS NULL${rest}`,
      rootKey: rootNames[root.indexOf(key)]!,
      makeRoot: partMaker(root, rootNames),
      makeChild: partMaker(child, childNames),
    }
  }
}
