import type { Clock, JobContext, Mailer, UnitOfWork } from 'portolan'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { lineTotal } from '../../domain/line.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import type { OrderSteps } from '../ports/order-steps.ts'

/**
 * The job that mails a paid order: to the customer where an address is known, and always to the shop. The mail's id is made of the
 * order's, so that a mail that goes out twice can be told for one.
 */
export function createMailReceipt(uses: {
  readonly unitOfWork: UnitOfWork
  readonly orders: OrderRepository
  readonly customers: CustomerRepository
  readonly orderSteps: OrderSteps
  readonly mailer: Mailer
  readonly addresses: { readonly from: string; readonly shop: string }
  readonly clock: Clock
}) {
  const { unitOfWork, orders, customers, orderSteps, mailer, addresses, clock } = uses
  return async ({ orderId }: { orderId: string }, job: JobContext): Promise<void> => {
    const order = await orders.get(orderId)
    const { name, email } = await customers.get(order.customerId)
    const lines = order.lines.map(
      line => `${line.quantity} x ${line.name} (${line.sku}) at ${line.unitPrice}: ${lineTotal(line)}`,
    )
    await mailer.send({
      id: `order-${order.id}`,
      from: addresses.from,
      to: email ? [email] : [addresses.shop],
      cc: email ? [addresses.shop] : [],
      subject: `Order ${order.id}: ${order.total}`,
      text: [
        `Dear ${name},`,
        '',
        'thank you for your order.',
        '',
        ...lines,
        '',
        `Total: ${order.total}`,
      ].join('\n'),
      signal: job.signal,
    })
    await unitOfWork.run(async () => {
      await orderSteps.done(orderId, 'mail', new Date(clock.now()))
      await job.complete()
    })
  }
}
