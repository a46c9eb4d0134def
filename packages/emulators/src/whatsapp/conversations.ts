import type { Store } from '../store/store.ts'
import { type ChatMessage, type MessageRow, type MessageStatus, toChatMessage } from './chat-message.ts'

export interface Conversation {
  readonly waId: string
  readonly name: string
  /** Of the latest message; absent when nobody has said anything. */
  readonly text?: string
  readonly from?: ChatMessage['from']
  readonly at?: Date
  /** Messages of the business since the customer last looked. */
  readonly unread: number
}

export interface MessageQuery {
  readonly waId?: string
  /** Messages that answer this one. */
  readonly replyTo?: string
  /** Only those with a greater `seq`. */
  readonly after?: number
  /** Only those with a smaller `seq`, latest first. */
  readonly before?: number
  /** Default 100. */
  readonly limit?: number
}

export interface NewMessage {
  readonly id: string
  readonly inbound: 0 | 1
  readonly waId: string
  readonly type: string
  readonly text: string
  readonly replyTo: string | null
  readonly at: number
  readonly status: MessageStatus
  readonly errorCode: number | null
  readonly correlation: string | null
  readonly content: string
  readonly acknowledged: 0 | 1
}

/** Customers and what was said, in SQLite. */
export type Conversations = ReturnType<typeof createConversations>

const schema = `
  CREATE TABLE IF NOT EXISTS whatsapp_customers (
    wa_id TEXT PRIMARY KEY, name TEXT NOT NULL, last_inbound_at INTEGER, seen_seq INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS whatsapp_messages (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, inbound INTEGER NOT NULL, wa_id TEXT NOT NULL, type TEXT NOT NULL,
    text TEXT NOT NULL, reply_to TEXT, at INTEGER NOT NULL, status TEXT NOT NULL, error_code INTEGER, correlation TEXT,
    content TEXT NOT NULL, acknowledged INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS whatsapp_messages_by_customer ON whatsapp_messages (wa_id, seq);
  CREATE INDEX IF NOT EXISTS whatsapp_messages_by_reply ON whatsapp_messages (reply_to, seq) WHERE reply_to IS NOT NULL;
  CREATE INDEX IF NOT EXISTS whatsapp_messages_open ON whatsapp_messages (seq) WHERE acknowledged = 0;
`

export function createConversations(store: Store) {
  store.define(schema)
  const insert = store.write(`
    INSERT INTO whatsapp_messages
      (seq, id, inbound, wa_id, type, text, reply_to, at, status, error_code, correlation, content, acknowledged)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`)
  const heard = store.write(`
    INSERT INTO whatsapp_customers (wa_id, name, last_inbound_at) VALUES (?, ?, ?)
    ON CONFLICT (wa_id) DO UPDATE SET name = excluded.name, last_inbound_at = excluded.last_inbound_at`)
  const meet = store.write(`
    INSERT INTO whatsapp_customers (wa_id, name) VALUES (?, ?) ON CONFLICT (wa_id) DO NOTHING`)
  const rename = store.write('UPDATE whatsapp_customers SET name = ? WHERE wa_id = ?')
  // A business that answers while its webhook is still open may have read the message before it was acknowledged.
  const acknowledge = store.write(`
    UPDATE whatsapp_messages SET acknowledged = 1, status = CASE
      WHEN error_code IS NOT NULL THEN 'failed' WHEN inbound = 0 THEN 'read' WHEN status = 'sent' THEN 'delivered'
      ELSE status END
    WHERE seq = ?`)
  const setStatus = store.write('UPDATE whatsapp_messages SET status = ? WHERE seq = ?')
  const see = store.write(`
    UPDATE whatsapp_customers
    SET seen_seq = coalesce((SELECT max(seq) FROM whatsapp_messages m WHERE m.wa_id = whatsapp_customers.wa_id), 0)
    WHERE wa_id = ?`)
  const customer = store.one<{ name: string; last_inbound_at: number | null }>(
    'SELECT name, last_inbound_at FROM whatsapp_customers WHERE wa_id = ?',
  )
  const byId = store.one<MessageRow>('SELECT * FROM whatsapp_messages WHERE id = ?')
  const bySeq = store.one<MessageRow>('SELECT * FROM whatsapp_messages WHERE seq = ?')
  const lastSeq = store.one<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM whatsapp_messages')
  const open = store.all<MessageRow>('SELECT * FROM whatsapp_messages WHERE acknowledged = 0 ORDER BY seq')
  const latestOfEach = store.all<ConversationRow>(`
    SELECT c.wa_id, c.name, m.text, m.inbound, m.at,
      (SELECT count(*) FROM whatsapp_messages u
        WHERE u.wa_id = c.wa_id AND u.seq > c.seen_seq AND u.inbound = 0 AND u.status <> 'failed') AS unread
    FROM whatsapp_customers c
    LEFT JOIN whatsapp_messages m ON m.seq = (SELECT max(l.seq) FROM whatsapp_messages l WHERE l.wa_id = c.wa_id)
    WHERE c.name LIKE ?1 ESCAPE '\\' OR c.wa_id LIKE ?1 ESCAPE '\\'
    ORDER BY m.seq DESC NULLS FIRST, c.wa_id LIMIT ?2`)
  const count = store.one<{ count: number }>('SELECT count(*) AS count FROM whatsapp_messages')
  const queries = new Map<string, (...parameters: (string | number)[]) => MessageRow[]>()

  let seq = lastSeq()?.seq ?? 0

  return {
    meet,
    rename,
    acknowledge,
    setStatus,
    see,
    customer,
    heard,
    find: byId,
    unacknowledged: open,
    count: () => count()?.count ?? 0,

    /** The row that was added, or `undefined` when there is a message of this id. */
    add(message: NewMessage): MessageRow | undefined {
      const next = seq + 1
      const { id, inbound, waId, type, text, replyTo, at, status, errorCode, correlation, content } = message
      const added = insert(
        next,
        id,
        inbound,
        waId,
        type,
        text,
        replyTo,
        at,
        status,
        errorCode,
        correlation,
        content,
        message.acknowledged,
      )
      if (added === 0) return undefined
      seq = next
      return {
        seq,
        id,
        inbound,
        wa_id: waId,
        type,
        text,
        reply_to: replyTo,
        at,
        status,
        error_code: errorCode,
        correlation,
        content,
      }
    },

    get(at: number): ChatMessage | undefined {
      const row = bySeq(at)
      return row && toChatMessage(row)
    },

    /** Oldest first, unless `before` is given. */
    messages({ waId, replyTo, after, before, limit = 100 }: MessageQuery = {}): ChatMessage[] {
      const conditions: string[] = []
      const parameters: (string | number)[] = []
      const where = (condition: string, value: string | number | undefined) => {
        if (value === undefined) return
        conditions.push(condition)
        parameters.push(value)
      }
      where('wa_id = ?', waId)
      where('reply_to = ?', replyTo)
      where('seq > ?', after)
      where('seq < ?', before)
      const order = before === undefined ? 'ASC' : 'DESC'
      // A bare `LIMIT ?` would be planned anew with each value.
      const sql = `SELECT * FROM whatsapp_messages ${conditions.length ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY seq ${order} LIMIT (SELECT ?)`
      const query = queries.get(sql) ?? store.all<MessageRow>(sql)
      queries.set(sql, query)
      return query(...parameters, limit).map(row => toChatMessage(row))
    },

    conversations(search = '', limit = 100): Conversation[] {
      const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
      return latestOfEach(pattern, limit).map(row => ({
        waId: row.wa_id,
        name: row.name,
        unread: row.unread,
        ...(row.text !== null && { text: row.text }),
        ...(row.inbound !== null && { from: row.inbound === 1 ? ('customer' as const) : 'business' }),
        ...(row.at !== null && { at: new Date(row.at) }),
      }))
    },
  }
}

interface ConversationRow {
  readonly wa_id: string
  readonly name: string
  readonly text: string | null
  readonly inbound: 0 | 1 | null
  readonly at: number | null
  readonly unread: number
}
