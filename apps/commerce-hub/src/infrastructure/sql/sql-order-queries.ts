import type { Page } from 'portolan'
import type { Database } from 'portolan/persistence'
import type { OrderStep } from '../../application/ports/order-steps.ts'
import type {
  OrderDetail,
  OrderQueries,
  OrderRow,
  PageRequest,
  RefundRow,
} from '../../application/ports/staff-queries.ts'
import { Money } from '../../domain/money.ts'
import type { OrderStatus } from '../../domain/order/order.ts'
import type { RefundStatus } from '../../domain/refund/refund.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import type { ShopTables } from './schema.ts'

/** A customer whom the shop has not met yet has no name. */
type Named = { customer_name: string | null }
type Row = ShopTables['orders'] & Named & { lines: number | null }

export class SqlOrderQueries implements OrderQueries {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(page: PageRequest & { customerId?: string; status?: OrderStatus }): Promise<Page<OrderRow>> {
    let query = this.#rows()
      .orderBy('orders.id', 'desc')
      .limit(page.limit + 1)
    if (page.customerId !== undefined) query = query.where('orders.customer_id', '=', page.customerId)
    if (page.status !== undefined) query = query.where('orders.status', '=', page.status)
    if (page.after !== undefined) {
      query = query.where('orders.id', '<', String(decodeCursor(page.after, 1)[0]))
    }
    const rows = await query.execute()
    const steps = await this.#stepsOf(rows.map(row => row.id))
    return pageOf(
      rows,
      page.limit,
      row => ({ ...orderRow(row), lines: Number(row.lines), steps: steps.get(row.id) ?? [] }),
      row => [row.id],
    )
  }

  async find(id: string): Promise<OrderDetail | undefined> {
    const row = await this.#rows().where('orders.id', '=', id).executeTakeFirst()
    if (!row) return undefined
    const kysely = this.#database.kysely<ShopTables>()
    const lines = await kysely
      .selectFrom('order_lines')
      .selectAll()
      .where('order_id', '=', id)
      .orderBy('position')
      .execute()
    const refunds = await this.#refundRows().where('refunds.order_id', '=', id).execute()
    return {
      ...orderRow(row),
      steps: (await this.#stepsOf([id])).get(id) ?? [],
      lines: lines.map(({ position, sku, name, quantity, unit_price, currency }) => {
        const unitPrice = Money.of(unit_price, currency)
        const total = unitPrice.times(quantity)
        return { position, sku, name, quantity, unitPrice: unitPrice.toDecimal(), total: total.toDecimal() }
      }),
      refunds: refunds.map(refundRow),
    }
  }

  async refunds(page: PageRequest): Promise<Page<RefundRow>> {
    let query = this.#refundRows()
      .orderBy('refunds.id', 'desc')
      .limit(page.limit + 1)
    if (page.after !== undefined) {
      query = query.where('refunds.id', '<', String(decodeCursor(page.after, 1)[0]))
    }
    return pageOf(await query.execute(), page.limit, refundRow, row => [row.id])
  }

  #rows() {
    return this.#database
      .kysely<ShopTables>()
      .selectFrom('orders')
      .leftJoin('customers', 'customers.id', 'orders.customer_id')
      .selectAll('orders')
      .select('customers.name as customer_name')
      .select(eb =>
        eb
          .selectFrom('order_lines')
          .whereRef('order_lines.order_id', '=', 'orders.id')
          .select(lines => lines.fn.countAll<number>().as('count'))
          .as('lines'),
      )
  }

  #refundRows() {
    return this.#database
      .kysely<ShopTables>()
      .selectFrom('refunds')
      .leftJoin('customers', 'customers.id', 'refunds.customer_id')
      .selectAll('refunds')
      .select('customers.name as customer_name')
  }

  async #stepsOf(orderIds: readonly string[]): Promise<Map<string, OrderStep[]>> {
    const steps = new Map<string, OrderStep[]>()
    if (orderIds.length === 0) return steps
    const rows = await this.#database
      .kysely<ShopTables>()
      .selectFrom('order_steps')
      .select(['order_id', 'step'])
      .where('order_id', 'in', orderIds)
      .orderBy('done_at')
      .execute()
    for (const { order_id, step } of rows) {
      const known = steps.get(order_id)
      if (known) known.push(step as OrderStep)
      else steps.set(order_id, [step as OrderStep])
    }
    return steps
  }
}

function orderRow(row: Row) {
  return {
    id: row.id,
    reference: row.reference,
    customerId: row.customer_id,
    customerName: row.customer_name ?? row.customer_id,
    status: row.status as OrderStatus,
    total: Money.of(row.total, row.currency).toDecimal(),
    currency: row.currency,
    orderedAt: new Date(row.ordered_at),
    paymentId: row.payment_id,
    cancelReason: row.cancel_reason,
  }
}

function refundRow(row: ShopTables['refunds'] & Named): RefundRow {
  return {
    id: row.id,
    reference: row.reference,
    customerId: row.customer_id,
    customerName: row.customer_name ?? row.customer_id,
    orderId: row.order_id,
    status: row.status as RefundStatus,
    total: Money.of(row.total, row.currency).toDecimal(),
    currency: row.currency,
    returnedAt: new Date(row.returned_at),
    paymentId: row.payment_id,
  }
}
