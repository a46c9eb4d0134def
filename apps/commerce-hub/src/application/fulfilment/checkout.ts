import { type Duration, defineSaga, type Jobs, type Sagas } from 'portolan'
import { z } from 'zod'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { paymentOverdue } from '../../domain/order/order.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { orderConfirmed, paymentReturned } from '../chat/answers.ts'
import type { Correspondence } from '../chat/correspondence.ts'
import { OrderCancelled, OrderPaid, OrderPaidLate, OrderPlaced } from '../events.ts'
import { CapturePayment, MailReceipt, ReturnPayment, WriteReceipt } from '../jobs.ts'
import type { ReleaseOrder } from './release-order.ts'

/**
 * From the order to the receipt: goods are reserved, money is asked for, and what follows from being paid is set going. An order that
 * is not paid, or not in time, is undone.
 */
export const Checkout = defineSaga('shop.checkout', {
  version: 1,
  state: z.object({ customerId: z.string() }),
  steps: ['reservation'],
  timeouts: ['payment'],
})

const key = ({ orderId }: { readonly orderId: string }) => orderId

/**
 * The order itself decides whether it is paid or cancelled, whoever asks first; its events move the process. Handlers only write to
 * the database: what talks to other services is a job.
 */
export function runCheckout(uses: {
  readonly sagas: Sagas
  readonly jobs: Jobs
  readonly orders: OrderRepository
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly releaseOrder: ReleaseOrder
  readonly paymentTimeout: Duration
}): void {
  const { sagas, jobs, orders, customers, correspondence, releaseOrder, paymentTimeout } = uses

  const checkout = sagas.run(Checkout, {
    timeouts: {
      async payment(saga) {
        const order = await orders.get(saga.key, { lock: 'update' })
        if (order.cancel(paymentOverdue)) await orders.save(order)
      },
    },
    undo: { reservation: ({ key: orderId }) => releaseOrder(orderId) },
  })

  checkout.startedBy(
    OrderPlaced,
    { key, state: ({ customerId }) => ({ customerId }) },
    async (saga, { data: { orderId } }) => {
      saga.done('reservation')
      saga.timeout('payment', paymentTimeout)
      await jobs.enqueue(CapturePayment, { orderId })
    },
  )

  checkout.on(OrderPaid, { key }, async (saga, { data: { orderId, customerId } }) => {
    await jobs.enqueue(WriteReceipt, { orderId })
    await jobs.enqueue(MailReceipt, { orderId })
    const order = await orders.summaryOf(orderId)
    const customer = await customers.get(customerId)
    await correspondence.say(customer, orderConfirmed(order), { replyTo: order.messageId, confirms: orderId })
    saga.complete()
  })

  checkout.on(OrderCancelled, { key }, (saga, { data: { reason } }) => saga.fail(reason))

  const giveBack = async (_: unknown, { data: { orderId, customerId } }: { data: Paid }) => {
    await jobs.enqueue(ReturnPayment, { orderId })
    const order = await orders.summaryOf(orderId)
    const customer = await customers.get(customerId)
    await correspondence.say(customer, paymentReturned(order), { replyTo: order.messageId })
  }
  checkout.on(OrderPaidLate, { key, late: giveBack }, giveBack)
}

interface Paid {
  readonly orderId: string
  readonly customerId: string
}
