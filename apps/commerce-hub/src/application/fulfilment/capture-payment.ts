import type { JobContext, PaymentGateway, UnitOfWork } from 'portolan'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import type { SettlePayment } from './settle-payment.ts'

/** The job that takes the money for an order: the order's id is the idempotency key, so that it is charged once however often. */
export function createCapturePayment(uses: {
  readonly unitOfWork: UnitOfWork
  readonly orders: OrderRepository
  readonly payments: PaymentGateway
  readonly settlePayment: SettlePayment
}) {
  const { unitOfWork, orders, payments, settlePayment } = uses
  return async ({ orderId }: { orderId: string }, job: JobContext): Promise<void> => {
    const order = await orders.summaryOf(orderId)
    if (order.status !== 'placed') return
    // Outside of any transaction: nobody waits for the gateway.
    const payment = await payments.charge({
      amount: order.total,
      reference: order.id,
      customer: order.customerId,
      idempotencyKey: order.id,
      signal: job.signal,
    })
    await unitOfWork.run(async () => {
      await settlePayment(orderId, payment)
      await job.complete()
    })
  }
}
