import type { Database } from 'portolan/persistence'
import type { ProductSearch, ProductSummary } from '../../application/ports/product-search.ts'
import { Money } from '../../domain/money.ts'
import { containing, searchWords } from './search-words.ts'

interface Row {
  sku: string
  name: string
  price: number
  currency: string
  stock: number
}

/** What sold lately decides what is popular; more would cost more and say little else. */
const recentOrders = 200

export class SqlProductSearch implements ProductSearch {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async search(
    text: string,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): Promise<ProductSummary[]> {
    const words = searchWords(text)
    const conditions = words.map(() => "search_text like ? escape '!'")
    const rows = await this.#database.query<Row>(
      `select sku, name, price, currency, stock from products ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
        order by case when stock > 0 then 0 else 1 end, name, sku limit ? offset ?`,
      [...words.map(containing), limit, offset],
    )
    return rows.map(summary)
  }

  async popular(limit: number): Promise<ProductSummary[]> {
    const sold = await this.#database.query<Row>(
      `select p.sku, p.name, p.price, p.currency, p.stock from products p
        join (select l.sku, count(*) as sales from order_lines l
          join (select id from orders order by id desc limit ?) o on o.id = l.order_id group by l.sku) s on s.sku = p.sku
        where p.stock > 0 order by s.sales desc, p.sku limit ?`,
      [recentOrders, limit],
    )
    // A new shop has sold nothing: it shows what it has most of.
    if (sold.length >= limit) return sold.map(summary)
    const stocked = await this.#database.query<Row>(
      'select sku, name, price, currency, stock from products where stock > 0 order by stock desc, sku limit ?',
      [limit + sold.length],
    )
    const known = new Set(sold.map(row => row.sku))
    return [...sold, ...stocked.filter(row => !known.has(row.sku))].slice(0, limit).map(summary)
  }
}

function summary({ sku, name, price, currency, stock }: Row): ProductSummary {
  return { sku, name, price: Money.of(price, currency).toDecimal(), stock }
}
