import type { Database } from '../persistence/database.ts'
import type { SqlRow } from '../persistence/sql-value.ts'

interface Old {
  readonly table: string
  /** Columns that tell a row from every other. */
  readonly key: readonly string[]
  /** The column that says since when it is not needed any more. */
  readonly time: string
  /** Milliseconds since the epoch. */
  readonly before: number
  readonly limit: number
}

/** Deletes up to `limit` rows that are older, by their exact keys. Resolves with their number. */
export async function prune(database: Database, { table, key, time, before, limit }: Old): Promise<number> {
  const old = await database.query<SqlRow>(
    `SELECT ${key.join(', ')} FROM ${table} WHERE ${time} < ? ORDER BY ${time} LIMIT ?`,
    [Math.floor(before), limit],
  )
  const keys = old.map(row => key.map(column => row[column] ?? null))
  for (const { sql, parameters } of await database.grammar.deletes(table, key, keys)) {
    await database.execute(sql, parameters)
  }
  return old.length
}
