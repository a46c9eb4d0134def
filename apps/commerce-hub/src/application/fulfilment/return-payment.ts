import { InfrastructureError, type JobContext, type PaymentGateway } from 'portolan'
import type { OrderRepository } from '../../domain/order/order-repository.ts'

/** The job that gives back what was paid for an order after it was cancelled: once, however often it is tried. */
export function createReturnPayment(uses: {
  readonly orders: OrderRepository
  readonly payments: PaymentGateway
}) {
  const { orders, payments } = uses
  return async ({ orderId }: { orderId: string }, job: JobContext): Promise<void> => {
    const order = await orders.get(orderId)
    const { status, reason } = await payments.refund({
      amount: order.total,
      charge: order.paymentId ?? undefined,
      reference: order.id,
      customer: order.customerId,
      idempotencyKey: `return-${order.id}`,
      signal: job.signal,
    })
    if (status !== 'declined') return
    // It ends among the dead letters: a person has to see to it.
    throw new InfrastructureError(
      'precondition_failed',
      `The gateway does not give the payment of order ${orderId} back: ${reason ?? 'declined'}.`,
    )
  }
}
