import type { Database } from 'portolan/persistence'
import type { DayFigures, SalesFigures } from '../../application/ports/sales-figures.ts'
import { Money } from '../../domain/money.ts'
import type { ShopTables } from './schema.ts'

export class SqlSalesFigures implements SalesFigures {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async addSale(at: Date, amount: Money): Promise<void> {
    await this.#add(at, amount.currency, [1, amount.units, 0, 0])
  }

  async addRefund(at: Date, amount: Money): Promise<void> {
    await this.#add(at, amount.currency, [0, 0, 1, amount.units])
  }

  async day(day: string): Promise<DayFigures | undefined> {
    const [row] = await this.#database.query<ShopTables['sales_days']>(
      'select * from sales_days where day = ?',
      [day],
    )
    return (
      row && {
        day: row.day,
        orders: row.orders,
        sales: Money.of(row.sales, row.currency),
        refunds: row.refunds,
        refunded: Money.of(row.refunded, row.currency),
      }
    )
  }

  async #add(at: Date, currency: string, counts: readonly (number | bigint)[]): Promise<void> {
    const counted = ['orders', 'sales', 'refunds', 'refunded']
    const sql = this.#database.grammar.insertOrUpdate(
      'sales_days',
      ['day', 'currency', ...counted],
      ['day'],
      given => Object.fromEntries(counted.map(column => [column, `sales_days.${column} + ${given(column)}`])),
    )
    await this.#database.execute(sql, [at.toISOString().slice(0, 10), currency, ...counts])
  }
}
