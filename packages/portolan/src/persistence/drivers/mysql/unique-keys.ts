import type { SqlRow, SqlValue } from '../../sql-value.ts'
import type { ServerError } from './server-error.ts'

type Query = (sql: string, parameters: readonly SqlValue[]) => Promise<SqlRow[]>

/** The columns of unique keys: the server names the key of a duplicate alone, and MariaDB not even its table. */
export class UniqueKeys {
  readonly #known = new Map<string, readonly string[]>()

  /** Adds table and columns to the error of a duplicate, as far as they can be found. Never rejects. */
  async describe(error: ServerError, sql: string, query: Query): Promise<void> {
    const { table = writtenTable(sql), key } = duplicateOf(error)
    if (table === undefined || key === undefined) return
    const name = `${table}.${key}`
    let columns = this.#known.get(name)
    if (!columns) {
      try {
        const rows = await query(
          'SELECT column_name AS name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ? ORDER BY seq_in_index',
          [table, key],
        )
        columns = rows.map(row => String(row.name))
      } catch {
        // The duplicate is what the caller is to be told.
        return
      }
      this.#known.set(name, columns)
    }
    error.table = table
    error.columns = columns
  }
}

/** As in `Duplicate entry '…' for key 'name'`, on MySQL with the table before the name. The entry may hold anything. */
export function duplicateOf({ message }: Error): { readonly table?: string; readonly key?: string } {
  const [, table, key] = /for key '(?:([^'.]*)\.)?([^']*)'$/.exec(message) ?? []
  return { ...(table && { table }), ...(key && { key }) }
}

function writtenTable(sql: string): string | undefined {
  const [, quoted, plain] =
    /^\s*(?:\/\*.*?\*\/\s*)?(?:insert|replace|update)\s+(?:into\s+|ignore\s+)*(?:["`]([^"`]+)["`]|([\w$]+))/i.exec(
      sql,
    ) ?? []
  return quoted ?? plain
}
