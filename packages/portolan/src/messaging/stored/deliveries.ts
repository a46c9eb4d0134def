import type { Database } from '../../persistence/database.ts'
import { readInOrder } from '../../persistence/read-in-order.ts'
import type { SqlValue } from '../../persistence/sql-value.ts'
import type { Clock } from '../../ports/time.ts'
import type { Backlog, WireMessage } from '../driver.ts'
import { marks } from '../marks.ts'
import type { Passed } from '../read-ahead.ts'
import { partitionOf } from '../shards.ts'
import { toRow, type WireRow, withHistory } from '../wire-row.ts'

export interface DeliveryRow extends WireRow {
  readonly seq: number
  readonly shard: number
  /** Attempts that failed. */
  readonly failures: number
  readonly due_at: number
}

/** What the database broker keeps for its groups, and what is tried again of other brokers' messages. */
export type DeliveryTable = 'portolan_messaging_delivery' | 'portolan_messaging_retry'

const written = ['id', 'topic', 'key', 'attributes', 'payload', 'shard', 'created_at', 'consumer_group']
const kept = [...written, 'failures', 'due_at', 'history']
const columns = 'seq, shard, id, topic, "key", attributes, payload, failures, due_at, history'

/** Messages that wait for a group in a table, until they are handled: the statements. */
export class Deliveries {
  readonly table: DeliveryTable
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, table: DeliveryTable, clock: Clock) {
    this.#database = database
    this.table = table
    this.#clock = clock
  }

  /** A row for each, all of them in the unit of work in progress. A message without a group gets one for each of `groups`. */
  async add(
    messages: readonly WireMessage[],
    groups: (topic: string) => readonly string[] = noGroups,
  ): Promise<void> {
    const now = this.#now()
    const addressed = messages.flatMap(message =>
      (message.group === undefined ? groups(message.topic) : [message.group]).map(group => ({
        ...message,
        group,
      })),
    )
    const values = addressed.map((message): SqlValue[] => [
      ...toRow(message),
      ...[partitionOf(message), now, message.group],
    ])
    const [names, rows] = withHistory(written, values, addressed)
    for (const { sql, parameters } of await this.#database.grammar.inserts(this.table, names, rows)) {
      await this.#database.send(sql, parameters)
    }
  }

  /** A row for each group that is bound to the topic, all in one statement; no group, no row. */
  async addBound(message: WireMessage): Promise<void> {
    const into = `INSERT INTO ${this.table} (${written.map(this.#database.grammar.quote).join(', ')})`
    await this.#database.send(
      `${into} SELECT ?, ?, ?, ?, ?, ?, ?, consumer_group FROM portolan_messaging_binding WHERE topic = ?`,
      [...toRow(message), partitionOf(message), this.#now(), message.topic],
    )
  }

  /** One that has failed before, and is due later. */
  async addFailed(
    message: WireMessage & { readonly group: string },
    failures: number,
    dueAt: number,
  ): Promise<void> {
    const { quote } = this.#database.grammar
    await this.#database.execute(
      `INSERT INTO ${this.table} (${kept.map(quote).join(', ')}) VALUES (${marks(kept)})`,
      [
        ...[...toRow(message), partitionOf(message), this.#now(), message.group],
        ...[failures, Math.ceil(dueAt), message.history ?? null],
      ],
    )
  }

  /** Puts the first rows into another table, in the unit of work in progress. Resolves with whether there were any. */
  async move(to: DeliveryTable, limit: number): Promise<boolean> {
    const { quote, forUpdate } = this.#database.grammar
    const names = kept.map(quote).join(', ')
    const rows = await this.#database.query<{ seq: number }>(
      `SELECT seq FROM ${this.table} ORDER BY seq LIMIT ?${forUpdate}`,
      [limit],
    )
    const seqs = rows.map(({ seq }) => seq)
    for (const { sql, parameters } of await this.#database.grammar.lists(this.table, 'seq', seqs)) {
      await this.#database.execute(
        `INSERT INTO ${to} (${names}) SELECT ${names} FROM ${this.table} WHERE seq IN ${sql} ORDER BY seq`,
        parameters,
      )
      await this.#database.execute(`DELETE FROM ${this.table} WHERE seq IN ${sql}`, parameters)
    }
    return rows.length > 0
  }

  /** Whatever waits of `topic`. Resolves with the number of rows. */
  drop(group: string, topic: string): Promise<number> {
    return this.#database.execute(`DELETE FROM ${this.table} WHERE consumer_group = ? AND topic = ?`, [
      group,
      topic,
    ])
  }

  /** What follows `after`, of `shards`; `undefined` for all of them. Nothing is locked. */
  read(
    group: string,
    topics: readonly string[],
    after: number,
    shards: readonly number[] | undefined,
    limit: number,
  ): Promise<DeliveryRow[]> {
    const mine = shards ? `AND shard IN (${marks(shards)}) ` : ''
    return readInOrder<DeliveryRow>(
      this.#database,
      `SELECT ${columns} FROM ${this.table}
       WHERE consumer_group = ? AND seq > ? AND topic IN (${marks(topics)}) ${mine}ORDER BY seq LIMIT ?`,
      [group, after, ...topics, ...(shards ?? []), limit],
    )
  }

  /** What of `keys` stands in a stretch that was read before. */
  async earlier(
    group: string,
    topics: readonly string[],
    { after, upTo }: Passed,
    keys: readonly string[],
  ): Promise<DeliveryRow[]> {
    const rows: DeliveryRow[] = []
    for (const { sql, parameters } of await this.#database.grammar.lists(this.table, 'key', keys)) {
      rows.push(
        ...(await this.#database.query<DeliveryRow>(
          `SELECT ${columns} FROM ${this.table} WHERE consumer_group = ? AND seq > ? AND seq <= ?
           AND topic IN (${marks(topics)}) AND "key" IN ${sql} ORDER BY seq`,
          [group, after, upTo, ...topics, ...parameters],
        )),
      )
    }
    return rows
  }

  /** Those of `seqs` that are still there, in order. */
  async some(group: string, seqs: readonly number[]): Promise<DeliveryRow[]> {
    const rows: DeliveryRow[] = []
    for (const { sql, parameters } of await this.#database.grammar.lists(this.table, 'seq', seqs)) {
      rows.push(
        ...(await this.#database.query<DeliveryRow>(
          `SELECT ${columns} FROM ${this.table} WHERE consumer_group = ? AND seq IN ${sql}`,
          [group, ...parameters],
        )),
      )
    }
    return rows.sort((a, b) => a.seq - b.seq)
  }

  /** `false`: somebody else has removed one of them. */
  async remove(group: string, seqs: readonly number[]): Promise<boolean> {
    const where = `DELETE FROM ${this.table} WHERE consumer_group = ? AND seq`
    if (seqs.length === 1) return (await this.#database.execute(`${where} = ?`, [group, seqs[0]!])) > 0
    let removed = 0
    for (const { sql, parameters } of await this.#database.grammar.lists(this.table, 'seq', seqs)) {
      removed += await this.#database.execute(`${where} IN ${sql}`, [group, ...parameters])
    }
    return removed === seqs.length
  }

  /** `false`: it is not there any more, or another member has counted this attempt. */
  async postpone(
    group: string,
    seq: number,
    failures: number,
    dueAt: number,
    history: string,
  ): Promise<boolean> {
    const changed = await this.#database.execute(
      `UPDATE ${this.table} SET failures = ?, due_at = ?, history = ?
       WHERE consumer_group = ? AND seq = ? AND failures < ?`,
      [failures, Math.ceil(dueAt), history, group, seq, failures],
    )
    return changed > 0
  }

  async backlog(): Promise<Backlog[]> {
    const rows = await this.#database.query<{ consumer_group: string; waiting: number; oldest: number }>(
      // An index alone counts and finds the first; only that row is read.
      `SELECT consumer_group, waiting,
         (SELECT created_at FROM ${this.table} AS oldest
          WHERE oldest.consumer_group = backlogs.consumer_group AND oldest.seq = backlogs.first_seq) AS oldest
       FROM (SELECT consumer_group, COUNT(*) AS waiting, MIN(seq) AS first_seq
             FROM ${this.table} GROUP BY consumer_group) AS backlogs`,
    )
    return rows
      .map(({ consumer_group, waiting, oldest }) => ({
        group: consumer_group,
        waiting,
        oldest: new Date(oldest),
      }))
      .sort((a, b) => (a.group < b.group ? -1 : 1))
  }

  #now(): number {
    return Math.floor(this.#clock.now())
  }
}

function noGroups(): readonly string[] {
  return []
}
