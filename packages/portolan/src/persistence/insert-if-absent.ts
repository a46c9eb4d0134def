import { InfrastructureError } from '../ports/errors.ts'
import type { Database } from './database.ts'
import type { SqlRow } from './sql-value.ts'

/**
 * Inserts a row unless there is one with the same key or the same unique values; resolves with whether it did. Of several that
 * try at once, one is told `true`.
 *
 * @example
 * const first = await insertIfAbsent(database, 'handled', { message_id: id, handled_at: clock.now() })
 */
export async function insertIfAbsent(database: Database, table: string, row: SqlRow): Promise<boolean> {
  const sql = database.grammar.insertIfAbsent(table, Object.keys(row))
  try {
    return (await database.execute(sql, Object.values(row))) > 0
  } catch (error) {
    if (InfrastructureError.is(error, 'already_exists')) return false
    throw error
  }
}
