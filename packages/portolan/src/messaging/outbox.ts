import type { Database } from '../persistence/database.ts'
import { readInOrder } from '../persistence/read-in-order.ts'
import type { SqlValue } from '../persistence/sql-value.ts'
import type { Clock } from '../ports/time.ts'
import type { WireMessage } from './driver.ts'
import { marks } from './marks.ts'
import type { Passed } from './read-ahead.ts'
import { partitionOf } from './shards.ts'
import { fromRow, toRow, type WireRow, withHistory } from './wire-row.ts'

export interface OutboxEntry {
  readonly seq: number
  readonly message: WireMessage
}

interface OutboxRow extends WireRow {
  readonly seq: number
  readonly consumer_group: string | null
}

const table = 'portolan_messaging_outbox'
const written = ['id', 'topic', 'key', 'attributes', 'payload', 'shard', 'consumer_group', 'created_at']
const columns = 'seq, id, topic, "key", attributes, payload, consumer_group, history'

/**
 * Messages that were committed with the data that caused them, until the broker has confirmed them.
 *
 * The key is `seq` alone, and a relay takes out its shards while it reads. With `shard` in front (64 shards, a position in each), reading
 * by one relay took twice as long on PostgreSQL, by one of two as well, by one of four as long; inserting took a fifth longer, as rows go to 64
 * places of the index. What it would spare is the passing over of rows that wait for other relays: 2 µs each, once a second at
 * most, and in a twentieth of the time (see `ReadAhead`).
 */
export class Outbox {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** In the unit of work in progress. */
  async add(messages: readonly WireMessage[]): Promise<void> {
    const { grammar } = this.#database
    const createdAt = Math.floor(this.#clock.now())
    const values = messages.map((message): SqlValue[] => [
      ...toRow(message),
      partitionOf(message),
      message.group ?? null,
      createdAt,
    ])
    const [names, rows] = withHistory(written, values, messages)
    if (rows.length === 1) {
      await this.#database.send(
        `INSERT INTO ${table} (${names.map(grammar.quote).join(', ')}) VALUES (${marks(names)})`,
        rows[0],
      )
      return
    }
    for (const { sql, parameters } of await grammar.inserts(table, names, rows)) {
      await this.#database.send(sql, parameters)
    }
  }

  /** What follows `after` in `shards`; `undefined` for all of them. Nothing is locked. */
  async read(after: number, shards: readonly number[] | undefined, limit: number): Promise<OutboxEntry[]> {
    const mine = shards ? `AND shard IN (${marks(shards)}) ` : ''
    const rows = await readInOrder<OutboxRow>(
      this.#database,
      `SELECT ${columns} FROM ${table} WHERE seq > ? ${mine}ORDER BY seq LIMIT ?`,
      [after, ...(shards ?? []), limit],
    )
    return rows.map(entry)
  }

  /** What of `keys` stands in a stretch that was read before. */
  async earlier({ after, upTo }: Passed, keys: readonly string[]): Promise<OutboxEntry[]> {
    const entries: OutboxEntry[] = []
    for (const { sql, parameters } of await this.#database.grammar.lists(table, 'key', keys)) {
      const rows = await this.#database.query<OutboxRow>(
        `SELECT ${columns} FROM ${table} WHERE seq > ? AND seq <= ? AND "key" IN ${sql} ORDER BY seq`,
        [after, upTo, ...parameters],
      )
      entries.push(...rows.map(entry))
    }
    return entries
  }

  /** Those of `seqs` that are there, in order. */
  async some(seqs: readonly number[]): Promise<OutboxEntry[]> {
    const entries: OutboxEntry[] = []
    for (const { sql, parameters } of await this.#database.grammar.lists(table, 'seq', seqs)) {
      const rows = await this.#database.query<OutboxRow>(
        `SELECT ${columns} FROM ${table} WHERE seq IN ${sql}`,
        parameters,
      )
      entries.push(...rows.map(entry))
    }
    return entries.sort((a, b) => a.seq - b.seq)
  }

  /** The first ones. Whoever else wants them waits until the unit of work in progress has ended. */
  async claim(limit: number): Promise<OutboxEntry[]> {
    const rows = await this.#database.query<OutboxRow>(
      `SELECT ${columns} FROM ${table} ORDER BY seq LIMIT ?${this.#database.grammar.forUpdate}`,
      [limit],
    )
    return rows.map(entry)
  }

  /** By exact ids, never a range: a range would take with it what was committed late. */
  async delete(seqs: readonly number[]): Promise<void> {
    for (const { sql, parameters } of await this.#database.grammar.lists(table, 'seq', seqs)) {
      await this.#database.execute(`DELETE FROM ${table} WHERE seq IN ${sql}`, parameters)
    }
  }

  async status(): Promise<{ readonly waiting: number; readonly oldest: Date | undefined }> {
    const [row] = await this.#database.query<{ waiting: number; oldest: number | null }>(
      `SELECT COUNT(*) AS waiting, (SELECT created_at FROM ${table} ORDER BY seq LIMIT 1) AS oldest FROM ${table}`,
    )
    return {
      waiting: row?.waiting ?? 0,
      oldest: row?.oldest == null ? undefined : new Date(row.oldest),
    }
  }
}

function entry(row: OutboxRow): OutboxEntry {
  return { seq: row.seq, message: fromRow(row, row.consumer_group ?? undefined) }
}
