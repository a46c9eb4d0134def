import type { Database } from '../database.ts'
import type { AnyMapping } from '../mapping.ts'
import { TableSchema } from './table-schema.ts'

/** What the schema says of the tables of a mapping. */
export class MappedSchemas {
  readonly root: TableSchema
  /** In the order of the mapping's children. */
  readonly children: readonly TableSchema[]
  #known = false

  constructor(database: Database, { table, children }: Pick<AnyMapping<never>, 'table' | 'children'>) {
    this.root = new TableSchema(database, table)
    this.children = children.map(child => new TableSchema(database, child.table))
  }

  /** Whether all of them were looked up. */
  get known(): boolean {
    return this.#known
  }

  /** Looks them up, again when they are known already. */
  async learn(): Promise<void> {
    const all = [this.root, ...this.children]
    for (const schema of all) await schema.learn()
    this.#known = all.every(({ columns }) => columns)
  }
}
