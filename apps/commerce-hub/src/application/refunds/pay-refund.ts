import type { JobContext, Payment, PaymentGateway, UnitOfWork } from 'portolan'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import type { RefundRepository } from '../../domain/refund/refund-repository.ts'

/** Applies what became of the payment of a refund; told twice, the first counts. */
export function createSettleRefund(uses: {
  readonly unitOfWork: UnitOfWork
  readonly refunds: RefundRepository
}) {
  const { unitOfWork, refunds } = uses
  return (refundId: string, payment: Payment): Promise<void> =>
    unitOfWork.run(async () => {
      const refund = await refunds.find(refundId, { lock: 'update' })
      if (!refund || payment.status === 'pending') return
      const changed = payment.status === 'succeeded' ? refund.pay(payment.id) : refund.decline()
      if (changed) await refunds.save(refund)
    })
}

export type SettleRefund = ReturnType<typeof createSettleRefund>

/** The job that gives the money back: of the order's own charge where the order is known. */
export function createPayRefund(uses: {
  readonly unitOfWork: UnitOfWork
  readonly refunds: RefundRepository
  readonly orders: OrderRepository
  readonly payments: PaymentGateway
  readonly settleRefund: SettleRefund
}) {
  const { unitOfWork, refunds, orders, payments, settleRefund } = uses
  return async ({ refundId }: { refundId: string }, job: JobContext): Promise<void> => {
    const refund = await refunds.get(refundId)
    if (refund.status !== 'requested') return
    const order = refund.orderId ? await orders.find(refund.orderId) : undefined
    const payment = await payments.refund({
      amount: refund.total,
      charge: order?.paymentId ?? undefined,
      reference: refund.id,
      customer: refund.customerId,
      idempotencyKey: refund.id,
      signal: job.signal,
    })
    await unitOfWork.run(async () => {
      await settleRefund(refundId, payment)
      await job.complete()
    })
  }
}
