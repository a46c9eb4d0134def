import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { WireMessage } from './driver.ts'
import { fromRow, toRow, type WireRow } from './wire-row.ts'

/** What a dead letter shows as its consumer when no group had it: the broker refused to take it. */
const noConsumer = 'outbox'
const table = 'portolan_messaging_dead'
const chunk = 500

interface DeadRow extends WireRow {
  readonly id: string
  readonly message_id: string
  readonly consumer_group: string | null
  readonly reason: string
  readonly stack: string
  readonly attempts: number
  readonly died_at: number
}

/** Which letters; all of them where it names nothing. */
export interface LetterFilter {
  readonly type?: string | undefined
  /** As a letter shows it: the group, or `outbox`. */
  readonly consumer?: string | undefined
}

export interface Death {
  readonly message: WireMessage
  readonly reason: string
  readonly stack: string
  readonly attempts: number
}

const columns =
  'id, message_id, consumer_group, topic, "key", attributes, payload, reason, stack, attempts, died_at'

/** Messages that were given up, for a person to look at. */
export class DeadMessages implements DeadLetters {
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

  /** In the unit of work in progress. A message dies once for a group; dying again replaces the reason. */
  async add({ message, reason, stack, attempts }: Death): Promise<void> {
    const { ids, clock } = this.#surroundings
    const [messageId, topic, key, attributes, payload] = toRow(message)
    const group = message.group ?? null
    const death = {
      id: ids.next(),
      reason: reason.toWellFormed().replaceAll('\0', '\uFFFD'),
      stack: stack.toWellFormed().replaceAll('\0', '\uFFFD'),
      attempts,
      died_at: Math.floor(clock.now()),
    }
    const row = { ...death, message_id: messageId, consumer_group: group, topic, key, attributes, payload }
    // An earlier letter may be replayed or discarded between the two statements; then it is inserted after all.
    for (;;) {
      if (await insertIfAbsent(this.#database, table, row)) return
      const replaced = await this.#database.execute(
        `UPDATE ${table} SET id = ?, reason = ?, stack = ?, attempts = ?, died_at = ?
         WHERE message_id = ? AND COALESCE(consumer_group, '') = ?`,
        [...Object.values(death), messageId, group ?? ''],
      )
      if (replaced > 0) return
    }
  }

  async list({
    limit = 100,
    ...filter
  }: LetterFilter & { readonly limit?: number } = {}): Promise<DeadLetter[]> {
    const { condition, values } = conditionOf(filter)
    const rows = await this.#database.query<DeadRow>(
      `SELECT ${columns} FROM ${table} WHERE ${condition} ORDER BY id DESC LIMIT ?`,
      [...values, limit],
    )
    return rows.map(letter)
  }

  /** @throws InfrastructureError `not_found`. */
  async get(id: string): Promise<DeadLetter> {
    const [row] = await this.#database.query<DeadRow>(`SELECT ${columns} FROM ${table} WHERE id = ?`, [id])
    if (row) return letter(row)
    throw notFound(id)
  }

  async count(): Promise<number> {
    const [row] = await this.#database.query<{ dead: number }>(`SELECT COUNT(*) AS dead FROM ${table}`)
    return row?.dead ?? 0
  }

  replay(id: string): Promise<void> {
    return this.#database.run(async () => {
      if ((await this.#sendAgain([id])) === 0) throw notFound(id)
    })
  }

  async replayAll(filter: LetterFilter = {}): Promise<number> {
    const { condition, values } = conditionOf(filter)
    // Those that die again meanwhile get later ids.
    const [row] = await this.#database.query<{ last: string | null }>(`SELECT MAX(id) AS last FROM ${table}`)
    if (row?.last == null) return 0
    for (let replayed = 0; ; ) {
      const rows = await this.#database.query<{ id: string }>(
        `SELECT id FROM ${table} WHERE id <= ? AND ${condition} ORDER BY id LIMIT ?`,
        [row.last, ...values, chunk],
      )
      if (rows.length === 0) return replayed
      replayed += await this.#database.run(() => this.#sendAgain(rows.map(({ id }) => id)))
    }
  }

  async discard(id: string): Promise<void> {
    const discarded = await this.#database.execute(`DELETE FROM ${table} WHERE id = ?`, [id])
    if (discarded === 0) throw notFound(id)
  }

  /** Resolves with their number. */
  discardAll(filter: LetterFilter = {}): Promise<number> {
    const { condition, values } = conditionOf(filter)
    return this.#database.execute(`DELETE FROM ${table} WHERE ${condition}`, values)
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

function conditionOf({ type, consumer }: LetterFilter): {
  readonly condition: string
  readonly values: readonly string[]
} {
  const conditions: string[] = []
  const values: string[] = []
  if (type !== undefined) {
    conditions.push('topic = ?')
    values.push(type)
  }
  if (consumer === noConsumer) conditions.push('consumer_group IS NULL')
  else if (consumer !== undefined) {
    conditions.push('consumer_group = ?')
    values.push(consumer)
  }
  return { condition: conditions.join(' AND ') || '1 = 1', values }
}

function message(row: DeadRow): WireMessage {
  return fromRow({ ...row, id: row.message_id }, row.consumer_group ?? undefined)
}

function letter(row: DeadRow): DeadLetter {
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
  }
}

/** The text itself, when it is no JSON: that may be why it is here. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload)
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
