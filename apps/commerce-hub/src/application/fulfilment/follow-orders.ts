import type { Jobs, Messages } from 'portolan'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { Money } from '../../domain/money.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { orderConfirmed } from '../chat/answers.ts'
import type { Correspondence } from '../chat/correspondence.ts'
import { OrderPaid, OrderPlaced } from '../events.ts'
import { CapturePayment, MailReceipt, WriteReceipt } from '../jobs.ts'
import type { SalesFigures } from '../ports/sales-figures.ts'

/**
 * What follows from an order, each on its own: one that fails or lags holds up none of the others. Handlers only write to the
 * database; what talks to other services is a job.
 */
export function followOrders(uses: {
  readonly messages: Messages
  readonly jobs: Jobs
  readonly orders: OrderRepository
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly salesFigures: SalesFigures
}): void {
  const { messages, jobs, orders, customers, correspondence, salesFigures } = uses

  messages.subscribe(OrderPlaced, { group: 'payment' }, async ({ data: { orderId } }) => {
    await jobs.enqueue(CapturePayment, { orderId })
  })
  messages.subscribe(OrderPaid, { group: 'receipt' }, async ({ data: { orderId } }) => {
    await jobs.enqueue(WriteReceipt, { orderId })
  })
  messages.subscribe(OrderPaid, { group: 'mail' }, async ({ data: { orderId } }) => {
    await jobs.enqueue(MailReceipt, { orderId })
  })
  messages.subscribe(OrderPaid, { group: 'confirmation' }, async ({ data: { orderId, customerId } }) => {
    const order = await orders.summaryOf(orderId)
    const customer = await customers.get(customerId)
    await correspondence.say(customer, orderConfirmed(order), { replyTo: order.messageId, confirms: orderId })
  })
  messages.subscribe(OrderPaid, { group: 'figures' }, async ({ data: { total, orderedAt } }) => {
    await salesFigures.addSale(new Date(orderedAt), Money.parse(total))
  })
}
