import type { Database } from 'portolan/persistence'
import type { DayRow, FigureQueries, Overview } from '../../application/ports/staff-queries.ts'
import { Money } from '../../domain/money.ts'
import type { OrderStatus } from '../../domain/order/order.ts'
import type { ShopTables } from './schema.ts'

export class SqlFigureQueries implements FigureQueries {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async overview(): Promise<Overview> {
    const statuses = await this.#database
      .kysely<ShopTables>()
      .selectFrom('orders')
      .select(['status', eb => eb.fn.countAll<number>().as('count')])
      .groupBy('status')
      .execute()
    const of = (status: OrderStatus) => Number(statuses.find(row => row.status === status)?.count ?? 0)
    const [paid, waiting, cancelled] = [of('paid'), of('placed'), of('cancelled')]
    return {
      orders: paid + waiting + cancelled,
      paid,
      waiting,
      cancelled,
      refunds: await this.#count('refunds'),
      products: await this.#count('products'),
      customers: await this.#count('customers'),
    }
  }

  async days(limit: number): Promise<readonly DayRow[]> {
    const rows = await this.#database
      .kysely<ShopTables>()
      .selectFrom('sales_days')
      .selectAll()
      .orderBy('day', 'desc')
      .limit(limit)
      .execute()
    return rows.map(row => ({
      day: row.day,
      orders: row.orders,
      sales: Money.of(row.sales, row.currency).toDecimal(),
      refunds: row.refunds,
      refunded: Money.of(row.refunded, row.currency).toDecimal(),
    }))
  }

  async #count(table: 'refunds' | 'products' | 'customers'): Promise<number> {
    const { count } = await this.#database
      .kysely<ShopTables>()
      .selectFrom(table)
      .select(eb => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  }
}
