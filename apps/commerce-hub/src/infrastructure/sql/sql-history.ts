import type { Database } from 'portolan/persistence'
import type { History } from '../../application/ports/history.ts'

export class SqlHistory implements History {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async pruneMessages(before: Date, limit: number): Promise<number> {
    const ids = await this.#ids('select id from chat_messages where logged_at < ? limit ?', before, limit)
    await this.#delete('chat_messages', 'id', ids)
    return ids.length
  }

  async pruneCarts(before: Date, limit: number): Promise<number> {
    const ids = await this.#ids(
      `select id from carts where status in ('ordered', 'cancelled', 'expired') and changed_at < ? limit ?`,
      before,
      limit,
    )
    await this.#delete('cart_lines', 'cart_id', ids)
    await this.#delete('carts', 'id', ids)
    return ids.length
  }

  async #ids(sql: string, before: Date, limit: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(sql, [before.getTime(), limit])
    return rows.map(row => row.id)
  }

  async #delete(table: string, column: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#database.execute(
      `delete from ${table} where ${column} in (${ids.map(() => '?').join(', ')})`,
      ids,
    )
  }
}
