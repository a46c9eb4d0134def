import { sql } from 'kysely'
import type { Page } from 'portolan'
import type { Database } from 'portolan/persistence'
import type {
  PageRequest,
  ProductDetail,
  ProductQueries,
  ProductRow,
} from '../../application/ports/staff-queries.ts'
import { Money } from '../../domain/money.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import type { ShopTables } from './schema.ts'
import { containing, searchWords } from './search-words.ts'

export class SqlProductQueries implements ProductQueries {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(page: PageRequest & { text?: string }): Promise<Page<ProductRow>> {
    let query = this.#database
      .kysely<ShopTables>()
      .selectFrom('products')
      .select(['sku', 'name', 'price', 'currency', 'stock'])
      .orderBy('name')
      .orderBy('sku')
      .limit(page.limit + 1)
    for (const word of searchWords(page.text)) {
      query = query.where(sql<boolean>`search_text like ${containing(word)} escape '!'`)
    }
    if (page.after !== undefined) {
      const [name, sku] = decodeCursor(page.after, 2).map(String) as [string, string]
      query = query.where(eb =>
        eb.or([eb('name', '>', name), eb.and([eb('name', '=', name), eb('sku', '>', sku)])]),
      )
    }
    return pageOf(await query.execute(), page.limit, productRow, row => [row.name, row.sku])
  }

  async find(sku: string): Promise<ProductDetail | undefined> {
    const kysely = this.#database.kysely<ShopTables>()
    const row = await kysely.selectFrom('products').selectAll().where('sku', '=', sku).executeTakeFirst()
    if (!row) return undefined
    const { sold } = await kysely
      .selectFrom('order_lines')
      .innerJoin('orders', 'orders.id', 'order_lines.order_id')
      .where('order_lines.sku', '=', sku)
      .where('orders.status', '=', 'paid')
      .select(eb => eb.fn.sum<number | null>('order_lines.quantity').as('sold'))
      .executeTakeFirstOrThrow()
    return { ...productRow(row), prices: row.prices.split(' '), sold: Number(sold ?? 0) }
  }
}

type Row = Pick<ShopTables['products'], 'sku' | 'name' | 'price' | 'currency' | 'stock'>

function productRow({ sku, name, price, currency, stock }: Row): ProductRow {
  return { sku, name, price: Money.of(price, currency).toDecimal(), currency, stock }
}
