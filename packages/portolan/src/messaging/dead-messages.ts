import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import { InfrastructureError } from '../ports/errors.ts'
import { storable } from '../runtime/storable.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { WireMessage } from './driver.ts'
import { recall, remember } from './history.ts'
import type { BulkOptions, LetterFilter, MessageLetter, MessageLetters } from './letters.ts'
import { fromRow, toRow, type WireRow } from './wire-row.ts'

/** What a dead letter shows as its consumer when no group had it: the broker refused to take it. */
const noConsumer = 'outbox'
const table = 'portolan_messaging_dead'

/** Of one commit: at most so many letters, and of so many bytes, so that memory is bounded whatever they hold. */
const batch = { letters: 500, bytes: 4 * 2 ** 20 } as const

interface DeadRow extends WireRow {
  readonly id: string
  readonly message_id: string
  readonly consumer_group: string | null
  readonly reason: string
  readonly stack: string
  readonly attempts: number
  readonly died_at: number
  readonly history: string | null
}

export interface Death {
  readonly message: WireMessage
  readonly reason: string
  readonly stack: string
  readonly attempts: number
}

const columns =
  'id, message_id, consumer_group, topic, "key", attributes, payload, reason, stack, attempts, died_at, history'

/** Messages that were given up, for a person to look at. */
export class DeadMessages implements MessageLetters {
  readonly #database: Database
  readonly #surroundings: Surroundings
  readonly #send: (messages: readonly WireMessage[]) => Promise<void>

  /** `send` puts messages on their way, in the unit of work in progress. */
  constructor(
    database: Database,
    send: (messages: readonly WireMessage[]) => Promise<void>,
    surroundings: Surroundings,
  ) {
    this.#database = database
    this.#send = send
    this.#surroundings = surroundings
  }

  /** In the unit of work in progress. A message dies once for a group; dying again replaces the reason, and is remembered. */
  async add({ message, reason, stack, attempts }: Death): Promise<void> {
    const { ids, clock } = this.#surroundings
    const [messageId, topic, key, attributes, payload] = toRow(message)
    const group = message.group ?? null
    const diedAt = Math.floor(clock.now())
    const attempt = { at: new Date(diedAt), attempt: attempts, reason, died: true }
    const death = {
      id: ids.next(),
      reason: storable(reason),
      stack: storable(stack),
      attempts,
      died_at: diedAt,
      history: remember(message.history, attempt),
    }
    const row = { ...death, message_id: messageId, consumer_group: group, topic, key, attributes, payload }
    // An earlier letter may be replayed or discarded between the statements; then it is inserted after all.
    for (;;) {
      if (await insertIfAbsent(this.#database, table, row)) return
      const which = `WHERE message_id = ? AND COALESCE(consumer_group, '') = ?`
      const [earlier] = await this.#database.query<{ history: string | null }>(
        `SELECT history FROM ${table} ${which}${this.#database.grammar.forUpdate}`,
        [messageId, group ?? ''],
      )
      if (!earlier) continue
      const replaced = await this.#database.execute(
        `UPDATE ${table} SET id = ?, reason = ?, stack = ?, attempts = ?, died_at = ?, history = ? ${which}`,
        [
          ...Object.values({ ...death, history: remember(earlier.history ?? undefined, attempt) }),
          ...[messageId, group ?? ''],
        ],
      )
      if (replaced > 0) return
    }
  }

  async list({
    limit = 100,
    ...filter
  }: LetterFilter & { readonly limit?: number | undefined } = {}): Promise<MessageLetter[]> {
    const { condition, values } = conditionOf(filter)
    const rows = await this.#database.query<DeadRow>(
      `SELECT ${columns} FROM ${table} WHERE ${condition} ORDER BY id DESC LIMIT ?`,
      [...values, limit],
    )
    return rows.map(letter)
  }

  async get(id: string): Promise<MessageLetter> {
    const [row] = await this.#database.query<DeadRow>(`SELECT ${columns} FROM ${table} WHERE id = ?`, [id])
    if (row) return letter(row)
    throw notFound(id)
  }

  async count(filter: LetterFilter = {}): Promise<number> {
    const { condition, values } = conditionOf(filter)
    const [row] = await this.#database.query<{ dead: number }>(
      `SELECT COUNT(*) AS dead FROM ${table} WHERE ${condition}`,
      values,
    )
    return row?.dead ?? 0
  }

  replay(id: string): Promise<void> {
    return this.#database.run(async () => {
      if ((await this.#sendAgain([id])) === 0) throw notFound(id)
    })
  }

  replayAll(filter: LetterFilter = {}, options: BulkOptions = {}): Promise<number> {
    return this.#batches(filter, options, ids => this.#sendAgain(ids))
  }

  async discard(id: string): Promise<void> {
    if ((await this.#delete([id])) === 0) throw notFound(id)
  }

  discardAll(filter: LetterFilter = {}, options: BulkOptions = {}): Promise<number> {
    return this.#batches(filter, options, ids => this.#delete(ids))
  }

  /** `work` in a unit of work for each batch; resolves with the sum of what it says. */
  async #batches(
    filter: LetterFilter,
    { onProgress }: BulkOptions,
    work: (ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    const { condition, values } = conditionOf(filter)
    // Those that die again meanwhile get later ids.
    const [row] = await this.#database.query<{ last: string | null }>(`SELECT MAX(id) AS last FROM ${table}`)
    if (row?.last == null) return 0
    const total = onProgress ? await this.count(filter) : 0
    for (let [done, after] = [0, '']; ; ) {
      const rows = await this.#database.query<{ id: string; bytes: number }>(
        `SELECT id, OCTET_LENGTH(payload) AS bytes FROM ${table}
         WHERE id > ? AND id <= ? AND ${condition} ORDER BY id LIMIT ?`,
        [after, row.last, ...values, batch.letters],
      )
      const ids = idsOf(rows)
      if (ids.length === 0) return done
      done += await this.#database.run(() => work(ids))
      after = ids.at(-1)!
      onProgress?.(done, Math.max(done, total))
    }
  }

  async #delete(ids: readonly string[]): Promise<number> {
    let deleted = 0
    for (const { sql, parameters } of await this.#database.grammar.lists(table, 'id', ids))
      deleted += await this.#database.execute(`DELETE FROM ${table} WHERE id IN ${sql}`, parameters)
    return deleted
  }

  /**
   * Those of `ids` that are still there, locked before they are deleted: whoever replays or discards them at the same time finds them
   * gone. The oldest first, so that those of one key keep their order. Resolves with their number.
   */
  async #sendAgain(ids: readonly string[]): Promise<number> {
    const { grammar } = this.#database
    let sent = 0
    for (const { sql, parameters } of await grammar.lists(table, 'id', ids)) {
      const rows = await this.#database.query<DeadRow>(
        `SELECT ${columns} FROM ${table} WHERE id IN ${sql} ORDER BY id${grammar.forUpdate}`,
        parameters,
      )
      await this.#database.execute(`DELETE FROM ${table} WHERE id IN ${sql}`, parameters)
      await this.#send(rows.map(message))
      sent += rows.length
    }
    return sent
  }
}

/** Of the first ones, at least one: as many as fit into a batch. */
function idsOf(rows: readonly { readonly id: string; readonly bytes: number }[]): string[] {
  const ids: string[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.bytes
    if (ids.length > 0 && bytes > batch.bytes) break
    ids.push(row.id)
  }
  return ids
}

function conditionOf({ type, consumer, diedBefore, diedAfter }: LetterFilter): {
  readonly condition: string
  readonly values: readonly (string | number)[]
} {
  const conditions: string[] = []
  const values: (string | number)[] = []
  const add = (condition: string, value: string | number) => {
    conditions.push(condition)
    values.push(value)
  }
  if (type !== undefined) add('topic = ?', type)
  if (consumer === noConsumer) conditions.push('consumer_group IS NULL')
  else if (consumer !== undefined) add('consumer_group = ?', consumer)
  if (diedBefore !== undefined) add('died_at < ?', diedBefore.getTime())
  if (diedAfter !== undefined) add('died_at > ?', diedAfter.getTime())
  return { condition: conditions.join(' AND ') || '1 = 1', values }
}

function message(row: DeadRow): WireMessage {
  return fromRow({ ...row, id: row.message_id }, row.consumer_group ?? undefined)
}

function letter(row: DeadRow): MessageLetter {
  const { attributes } = message(row)
  return {
    id: row.id,
    type: row.topic,
    consumer: row.consumer_group ?? noConsumer,
    payload: parsed(row.payload),
    reason: row.reason,
    stack: row.stack,
    attempts: row.attempts,
    createdAt: new Date(attributes.time ?? row.died_at),
    diedAt: new Date(row.died_at),
    history: recall(row.history ?? undefined),
  }
}

/** The shortest text that may be nested so deeply that the stack does not hold it. */
const suspiciousLength = 2_000

/** The text itself, when it is no JSON, or nested so deeply that nobody could print it: that may be why it is here. */
function parsed(payload: string): unknown {
  try {
    const data: unknown = JSON.parse(payload)
    // With blanks, as it takes more of the stack.
    if (payload.length >= suspiciousLength) JSON.stringify(data, null, 2)
    return data
  } catch {
    return payload
  }
}

function notFound(id: string): InfrastructureError {
  return new InfrastructureError(
    'not_found',
    `There is no dead letter ${JSON.stringify(id)}. It may have been replayed or discarded.`,
  )
}
