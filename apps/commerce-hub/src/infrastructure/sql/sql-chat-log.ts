import { type Database, insertIfAbsent } from 'portolan/persistence'
import type {
  ChatLog,
  IncomingContent,
  IncomingMessage,
  OutgoingMessage,
  StatusReport,
} from '../../application/ports/chat-log.ts'
import { type DeliveryStatus, furthest, statusesBefore } from '../../domain/conversation/delivery-status.ts'
import { head, storable } from '../../domain/text.ts'
import type { ShopTables } from './schema.ts'

type Row = ShopTables['chat_messages']

const insertOutgoing = `insert into chat_messages (id, direction, customer_id, wa_id, content, reply_to, status, sent_at, logged_at)
  values (?, 'out', ?, ?, ?, ?, ?, ?, ?)`
const find = `select id, direction, customer_id, wa_id, name, content, reply_to, status, wa_message_id, reason, sent_at, logged_at
  from chat_messages where id = ? and direction = ?`

export class SqlChatLog implements ChatLog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async receive(messages: readonly IncomingMessage[], receivedAt: Date): Promise<IncomingMessage[]> {
    const fresh: IncomingMessage[] = []
    for (const message of messages) {
      const { id, customerId, waId, name, content, sentAt } = message
      const isNew = await insertIfAbsent(this.#database, 'chat_messages', {
        id,
        direction: 'in',
        customer_id: customerId,
        wa_id: waId,
        name: name ?? null,
        content: JSON.stringify(content),
        sent_at: sentAt.getTime(),
        logged_at: receivedAt.getTime(),
      })
      if (isNew) fresh.push(message)
    }
    return fresh
  }

  async incoming(id: string): Promise<IncomingMessage | undefined> {
    const row = await this.#find(id, 'in')
    return (
      row && {
        id: row.id,
        customerId: row.customer_id,
        waId: row.wa_id,
        name: row.name ?? undefined,
        sentAt: new Date(row.sent_at),
        content: JSON.parse(row.content) as IncomingContent,
      }
    )
  }

  async queue(message: OutgoingMessage): Promise<void> {
    const { id, customerId, waId, content, replyTo, status, queuedAt } = message
    const at = queuedAt.getTime()
    await this.#database.execute(insertOutgoing, [
      id,
      customerId,
      waId,
      JSON.stringify(content),
      replyTo ?? null,
      status,
      at,
      at,
    ])
  }

  async outgoing(id: string): Promise<OutgoingMessage | undefined> {
    const row = await this.#find(id, 'out')
    return (
      row && {
        id: row.id,
        customerId: row.customer_id,
        waId: row.wa_id,
        content: JSON.parse(row.content) as OutgoingMessage['content'],
        replyTo: row.reply_to ?? undefined,
        status: row.status as DeliveryStatus,
        queuedAt: new Date(row.sent_at),
      }
    )
  }

  async accepted(id: string, waMessageId: string): Promise<void> {
    // A status may have overtaken the answer to the send; it stays.
    await this.#database.execute(
      `update chat_messages set wa_message_id = ?, status = case when status = 'waiting' then 'accepted' else status end where id = ?`,
      [waMessageId, id],
    )
  }

  async refused(id: string, reason: string): Promise<void> {
    await this.#database.execute(
      `update chat_messages set status = 'failed', reason = ? where id = ? and status = 'waiting'`,
      [head(storable(reason), 500), id],
    )
  }

  async report(reports: readonly StatusReport[]): Promise<void> {
    for (const { messageId, status, reason } of furthest(reports)) {
      const before = statusesBefore(status)
      await this.#database.execute(
        `update chat_messages set status = ?, reason = ?
          where id = ? and direction = 'out' and status in (${before.map(() => '?').join(', ')})`,
        [status, reason ?? null, messageId, ...before],
      )
    }
  }

  async #find(id: string, direction: 'in' | 'out'): Promise<Row | undefined> {
    const [row] = await this.#database.query<Row>(find, [id, direction])
    return row
  }
}
