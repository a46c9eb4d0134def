import type { Payment, UnitOfWork } from 'portolan'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { head, storable } from '../../domain/text.ts'

/** Of what a gateway gives as its reason. */
const longestReason = 200

/**
 * Applies what became of a payment to its order. The answer to the charge and the gateway's webhook both end here, in any order
 * and any number: the first one counts. What follows is the checkout's.
 */
export function createSettlePayment(uses: {
  readonly unitOfWork: UnitOfWork
  readonly orders: OrderRepository
}) {
  const { unitOfWork, orders } = uses

  return (orderId: string, { id, status, reason = 'declined' }: Payment): Promise<void> =>
    unitOfWork.run(async () => {
      if (status === 'pending') return
      const known = await orders.statusOf(orderId)
      if (known !== 'placed' && !(known === 'cancelled' && status === 'succeeded')) return
      // The answer and the webhook may have come at the same moment: the quicker one counts.
      const order = await orders.get(orderId, { lock: 'update' })
      const changed =
        status === 'succeeded'
          ? order.pay(id) || order.payLate(id)
          : order.cancel(head(storable(reason), longestReason))
      if (changed) await orders.save(order)
    })
}

export type SettlePayment = ReturnType<typeof createSettlePayment>
