import type { Clock, Payment, UnitOfWork } from 'portolan'
import type { CartRepository } from '../../domain/cart/cart-repository.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { quantitiesBySku } from '../../domain/line.ts'
import type { Order } from '../../domain/order/order.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { head, storable } from '../../domain/text.ts'
import { paymentDeclined } from '../chat/answers.ts'
import type { Correspondence } from '../chat/correspondence.ts'

/** Of what a gateway gives as its reason. */
const longestReason = 200

/**
 * Applies what became of a payment to its order. The answer to the charge and the gateway's webhook both end here, in any order
 * and any number: the first one counts. A decline is compensated in the same commit: the order is cancelled, its goods go back on
 * the shelf, the cart can be confirmed again.
 */
export function createSettlePayment(uses: {
  readonly unitOfWork: UnitOfWork
  readonly orders: OrderRepository
  readonly carts: CartRepository
  readonly products: ProductRepository
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly clock: Clock
}) {
  const { unitOfWork, orders, carts, products, customers, correspondence, clock } = uses

  return (orderId: string, payment: Payment): Promise<void> =>
    unitOfWork.run(async () => {
      if (payment.status === 'pending' || (await orders.statusOf(orderId)) !== 'placed') return
      const order = await orders.get(orderId, { lock: 'update' })
      // The answer and the webhook may have come at the same moment: the other one was quicker.
      if (order.status !== 'placed') return
      if (payment.status === 'succeeded') order.pay(payment.id)
      else await decline(order, payment.reason ?? 'declined')
      await orders.save(order)
    })

  async function decline(order: Order, told: string): Promise<void> {
    const reason = head(storable(told), longestReason)
    order.cancel(reason)
    const quantities = quantitiesBySku(order.lines)
    const reserved = await products.findMany([...quantities.keys()], { lock: 'update' })
    for (const product of reserved) product.restock(quantities.get(product.sku)!)
    await products.saveMany(reserved)

    const cart = await carts.find(order.cartId)
    if (cart) {
      cart.reopen(new Date(clock.now()))
      await carts.save(cart)
    }
    const customer = await customers.get(order.customerId)
    await correspondence.say(customer, paymentDeclined(order, reason, cart), { replyTo: order.messageId })
  }
}

export type SettlePayment = ReturnType<typeof createSettlePayment>
