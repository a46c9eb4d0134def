import type { Database } from '../persistence/database.ts'
import type { SqlStatement } from '../persistence/driver.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { WireMessage } from './driver.ts'
import { Gathering } from './gathering.ts'
import { Loop } from './loop.ts'
import { indexable } from './message-ids.ts'
import { prune } from './pruning.ts'

const table = 'portolan_messaging_inbox'
const retryTable = 'portolan_messaging_retry'
const pruneEveryMs = 600_000
const chunk = 1_000
const columns = ['consumer_group', 'message_id', 'handled_at']

interface Look {
  readonly known: boolean
  readonly behind: boolean
}

/**
 * What each group has taken in of a broker that does not join the database: handled, kept to be tried again, or given up. It turns
 * "delivered at least once" into "took effect once".
 */
export class Inbox {
  readonly #database: Database
  readonly #surroundings: Surroundings
  readonly #retentionMs: number
  readonly #pruning: Loop
  readonly #looks = new Map<string, Gathering<WireMessage, Look>>()

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
  look(group: string, message: WireMessage): Promise<Look> {
    let looks = this.#looks.get(group)
    if (!looks) {
      looks = new Gathering(messages => this.#lookAll(group, messages), chunk)
      this.#looks.set(group, looks)
    }
    return looks.ask(message)
  }

  /** In the unit of work that takes them in. `false`: one of them was taken in before; of several, the unit cannot commit then. */
  async add(group: string, messageIds: readonly string[]): Promise<boolean> {
    const now = Math.floor(this.#surroundings.clock.now())
    const ids = await Promise.all(messageIds.map(indexable))
    if (ids.length === 1)
      return insertIfAbsent(this.#database, table, {
        ...{ consumer_group: group, message_id: ids[0]!, handled_at: now },
      })
    const rows = ids.map(id => [group, id, now])
    try {
      for (const { sql, parameters } of await this.#database.grammar.inserts(table, columns, rows))
        await this.#database.send(sql, parameters)
      return true
    } catch (error) {
      if (InfrastructureError.is(error, 'already_exists')) return false
      throw error
    }
  }

  async #lookAll(group: string, messages: readonly WireMessage[]): Promise<Look[]> {
    const ids = await Promise.all(messages.map(({ id }) => indexable(id)))
    const keys = messages.flatMap(({ key }) => (key === undefined ? [] : [key]))
    // Together, as every handler waits for it.
    const parts = [
      ...(await this.#part(table, 'message_id', group, ids)),
      ...(await this.#part(retryTable, 'key', group, keys)),
    ]
    const rows = await this.#database.query<{ place: string; found: string }>(
      parts.map(({ sql }) => sql).join(' UNION ALL '),
      parts.flatMap(({ parameters }) => parameters),
    )
    const found = (place: string) => new Set(rows.filter(row => row.place === place).map(row => row.found))
    const [known, behind] = [found(table), found(retryTable)]
    return messages.map(({ key }, at) => ({
      known: known.has(ids[at]!),
      behind: key !== undefined && behind.has(key),
    }))
  }

  /** Which of `values` there are in `place`. */
  async #part(
    place: string,
    column: string,
    group: string,
    values: readonly string[],
  ): Promise<readonly SqlStatement[]> {
    const { grammar } = this.#database
    const name = grammar.quote(column)
    return (await grammar.lists(place, column, values)).map(({ sql, parameters }) => ({
      sql: `SELECT '${place}' AS place, ${name} AS found FROM ${place} WHERE consumer_group = ? AND ${name} IN ${sql}`,
      parameters: [group, ...parameters],
    }))
  }

  async #prune(): Promise<number> {
    const pruned = await prune(this.#database, {
      table,
      key: ['consumer_group', 'message_id'],
      time: 'handled_at',
      before: this.#surroundings.clock.now() - this.#retentionMs,
      limit: chunk,
    })
    return pruned === chunk ? 0 : Infinity
  }
}
