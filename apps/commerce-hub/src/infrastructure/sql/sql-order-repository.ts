import { InfrastructureError } from 'portolan'
import { mapping, SqlRepository } from 'portolan/persistence'
import { Money } from '../../domain/money.ts'
import { Order, type OrderStatus } from '../../domain/order/order.ts'
import type { OrderRepository, OrderSummary } from '../../domain/order/order-repository.ts'
import { lineOf, lineRow, units } from './columns.ts'
import type { ShopTables } from './schema.ts'

const orders = mapping<ShopTables>()({
  table: 'orders',
  key: 'id',
  children: { order_lines: { foreignKey: 'order_id', key: 'position' } },
  toRows: (order: Order) => ({
    root: {
      id: order.id,
      customer_id: order.customerId,
      cart_id: order.cartId,
      message_id: order.messageId,
      reference: order.reference,
      status: order.status,
      total: units(order.total),
      currency: order.total.currency,
      ordered_at: order.orderedAt.getTime(),
      payment_id: order.paymentId,
      cancel_reason: order.cancelReason,
    },
    order_lines: order.lines.map(lineRow),
  }),
  fromRows: (row, { order_lines }) =>
    Order.restore({
      id: row.id,
      customerId: row.customer_id,
      cartId: row.cart_id,
      messageId: row.message_id,
      reference: row.reference,
      status: row.status as OrderStatus,
      lines: order_lines.map(lineOf),
      total: Money.of(row.total, row.currency),
      orderedAt: new Date(row.ordered_at),
      paymentId: row.payment_id,
      cancelReason: row.cancel_reason,
    }),
  events: order => order.events,
})

export class SqlOrderRepository extends SqlRepository(orders) implements OrderRepository {
  async summaryOf(id: string): Promise<OrderSummary> {
    const [row] = await this.database.query<ShopTables['orders']>(
      'select customer_id, message_id, status, total, currency from orders where id = ?',
      [id],
    )
    if (!row) throw new InfrastructureError('not_found', `There is no order ${id}.`)
    return {
      id,
      customerId: row.customer_id,
      messageId: row.message_id,
      status: row.status as OrderStatus,
      total: Money.of(row.total, row.currency),
    }
  }

  async statusOf(id: string): Promise<OrderStatus | undefined> {
    const [row] = await this.database.query<{ status: string }>('select status from orders where id = ?', [
      id,
    ])
    return row?.status as OrderStatus | undefined
  }
}
