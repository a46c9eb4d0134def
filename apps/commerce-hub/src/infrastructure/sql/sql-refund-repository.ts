import { mapping, SqlRepository } from 'portolan/persistence'
import { Money } from '../../domain/money.ts'
import { Refund, type RefundStatus } from '../../domain/refund/refund.ts'
import type { RefundRepository } from '../../domain/refund/refund-repository.ts'
import { lineOf, lineRow, units } from './columns.ts'
import type { ShopTables } from './schema.ts'

const refunds = mapping<ShopTables>()({
  table: 'refunds',
  key: 'id',
  children: { refund_lines: { foreignKey: 'refund_id', key: 'position' } },
  toRows: (refund: Refund) => ({
    root: {
      id: refund.id,
      reference: refund.reference,
      customer_id: refund.customerId,
      order_id: refund.orderId,
      status: refund.status,
      total: units(refund.total),
      currency: refund.total.currency,
      returned_at: refund.returnedAt.getTime(),
      payment_id: refund.paymentId,
    },
    refund_lines: refund.lines.map(lineRow),
  }),
  fromRows: (row, { refund_lines }) =>
    Refund.restore({
      id: row.id,
      reference: row.reference,
      customerId: row.customer_id,
      orderId: row.order_id,
      status: row.status as RefundStatus,
      lines: refund_lines.map(lineOf),
      total: Money.of(row.total, row.currency),
      returnedAt: new Date(row.returned_at),
      paymentId: row.payment_id,
    }),
  events: refund => refund.events,
})

export class SqlRefundRepository extends SqlRepository(refunds) implements RefundRepository {
  findByReference(reference: string): Promise<Refund | undefined> {
    return this.findOne(query => query.where('reference', '=', reference))
  }

  async findByOrder(orderId: string): Promise<Refund[]> {
    return this.findAll(query => query.where('order_id', '=', orderId))
  }
}
