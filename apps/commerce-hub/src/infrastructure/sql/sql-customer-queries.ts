import type { Page } from 'portolan'
import type { Database } from 'portolan/persistence'
import type {
  ConversationRow,
  CustomerQueries,
  CustomerRow,
  MessageRow,
  PageRequest,
} from '../../application/ports/staff-queries.ts'
import { Money } from '../../domain/money.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import { messageText } from './message-text.ts'
import type { ShopTables } from './schema.ts'
import { containing, searchWords } from './search-words.ts'

type Row = ShopTables['customers'] & { orders: number; spent: number | null }

const columns = `c.*, (select count(*) from orders o where o.customer_id = c.id and o.status = 'paid') as orders,
  (select sum(o.total) from orders o where o.customer_id = c.id and o.status = 'paid') as spent`

export class SqlCustomerQueries implements CustomerQueries {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(page: PageRequest & { text?: string }): Promise<Page<CustomerRow>> {
    return pageOf(await this.#rows(page), page.limit, customerRow, position)
  }

  async find(id: string): Promise<CustomerRow | undefined> {
    const [row] = await this.#database.query<Row>(`select ${columns} from customers c where c.id = ?`, [id])
    return row && customerRow(row)
  }

  async conversations(page: PageRequest): Promise<Page<ConversationRow>> {
    const rows = await this.#rows(page)
    const latest = new Map<string, MessageRow>()
    for (const { id } of rows) {
      const [message] = (await this.messages(id, { limit: 1 })).items
      if (message) latest.set(id, message)
    }
    const conversation = ({ id, name, last_seen_at }: Row): ConversationRow => ({
      customerId: id,
      name,
      lastMessage: latest.get(id)?.text ?? '',
      lastAt: latest.get(id)?.at ?? new Date(last_seen_at),
    })
    return pageOf(rows, page.limit, conversation, position)
  }

  async messages(customerId: string, page: PageRequest): Promise<Page<MessageRow>> {
    const [at, id] = page.after === undefined ? [] : decodeCursor(page.after, 2)
    const rows = await this.#database.query<ShopTables['chat_messages']>(
      `select * from chat_messages where customer_id = ? ${at === undefined ? '' : 'and (logged_at < ? or (logged_at = ? and id < ?))'}
        order by logged_at desc, id desc limit ?`,
      [customerId, ...(at === undefined ? [] : [at, at, id!]), page.limit + 1],
    )
    const message = (row: ShopTables['chat_messages']): MessageRow => ({
      id: row.id,
      direction: row.direction === 'in' ? 'in' : 'out',
      ...messageText(JSON.parse(row.content)),
      status: row.status,
      reason: row.reason,
      at: new Date(row.logged_at),
    })
    return pageOf(rows, page.limit, message, row => [row.logged_at, row.id])
  }

  #rows(page: PageRequest & { text?: string }): Promise<Row[]> {
    const conditions: string[] = []
    const values: (string | number)[] = []
    for (const word of searchWords(page.text)) {
      conditions.push("(lower(c.name) like ? escape '!' or c.wa_id like ? escape '!')")
      values.push(containing(word), containing(word))
    }
    if (page.after !== undefined) {
      const [at, id] = decodeCursor(page.after, 2) as [number, string]
      conditions.push('(c.last_seen_at < ? or (c.last_seen_at = ? and c.id < ?))')
      values.push(at, at, id)
    }
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''
    return this.#database.query<Row>(
      `select ${columns} from customers c ${where} order by c.last_seen_at desc, c.id desc limit ?`,
      [...values, page.limit + 1],
    )
  }
}

function position(row: Row): readonly (string | number)[] {
  return [row.last_seen_at, row.id]
}

function customerRow(row: Row): CustomerRow {
  return {
    id: row.id,
    waId: row.wa_id,
    name: row.name,
    email: row.email,
    firstSeenAt: new Date(row.first_seen_at),
    lastSeenAt: new Date(row.last_seen_at),
    orders: Number(row.orders),
    spent: Money.of(row.spent ?? 0).toDecimal(),
  }
}
