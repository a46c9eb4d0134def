import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { WireMessage } from './driver.ts'
import { Loop } from './loop.ts'
import { indexable } from './message-ids.ts'

const table = 'portolan_messaging_inbox'
const pruneEveryMs = 600_000
const chunk = 1_000

/**
 * What each group has taken in of a broker that does not join the database: handled, kept to be tried again, or given up. It turns
 * "delivered at least once" into "took effect once".
 */
export class Inbox {
  readonly #database: Database
  readonly #surroundings: Surroundings
  readonly #retentionMs: number
  readonly #pruning: Loop

  /** `retentionMs` must be longer than a broker may deliver late, and than dead letters of it are replayed. */
  constructor(database: Database, retentionMs: number, surroundings: Surroundings) {
    this.#database = database
    this.#surroundings = surroundings
    this.#retentionMs = retentionMs
    this.#pruning = new Loop(surroundings, 'prune the inbox', () => this.#prune(), {
      least: pruneEveryMs,
      most: pruneEveryMs,
    })
  }

  start(): void {
    this.#pruning.start()
  }

  stop(): Promise<void> {
    return this.#pruning.stop()
  }

  /** Whether the message was taken in before, and whether others of its key are still tried again: it has to queue behind them. */
  async look(
    group: string,
    { id, key }: WireMessage,
  ): Promise<{ readonly known: boolean; readonly behind: boolean }> {
    const known = `EXISTS (SELECT 1 FROM ${table} WHERE consumer_group = ? AND message_id = ?)`
    const behind =
      key === undefined
        ? '1 = 0'
        : 'EXISTS (SELECT 1 FROM portolan_messaging_retry WHERE consumer_group = ? AND "key" = ?)'
    const [row] = await this.#database.query<{ known: number; behind: number }>(
      `SELECT CASE WHEN ${known} THEN 1 ELSE 0 END AS known, CASE WHEN ${behind} THEN 1 ELSE 0 END AS behind`,
      [group, await indexable(id), ...(key === undefined ? [] : [group, key])],
    )
    return { known: row!.known === 1, behind: row!.behind === 1 }
  }

  /** In the unit of work that takes it in. `false`: it was taken in before. */
  async add(group: string, messageId: string): Promise<boolean> {
    return insertIfAbsent(this.#database, table, {
      consumer_group: group,
      message_id: await indexable(messageId),
      handled_at: Math.floor(this.#surroundings.clock.now()),
    })
  }

  async #prune(): Promise<number> {
    const old = await this.#database.query<{ consumer_group: string; message_id: string }>(
      `SELECT consumer_group, message_id FROM ${table} WHERE handled_at < ? ORDER BY handled_at LIMIT ?`,
      [Math.floor(this.#surroundings.clock.now() - this.#retentionMs), chunk],
    )
    const keys = old.map(row => [row.consumer_group, row.message_id])
    const { grammar } = this.#database
    for (const { sql, parameters } of await grammar.deletes(table, ['consumer_group', 'message_id'], keys)) {
      await this.#database.execute(sql, parameters)
    }
    return old.length === chunk ? 0 : Infinity
  }
}
