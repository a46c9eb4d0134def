import type { Clock } from 'portolan'
import type { CartRepository } from '../../domain/cart/cart-repository.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import { quantitiesBySku } from '../../domain/line.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { orderCancelled } from '../chat/answers.ts'
import type { Correspondence } from '../chat/correspondence.ts'

/**
 * Undoes what a cancelled order had reserved, in the unit of work in progress: its goods go back on the shelf, the cart can be
 * confirmed again, and the customer is told.
 */
export function createReleaseOrder(uses: {
  readonly orders: OrderRepository
  readonly carts: CartRepository
  readonly products: ProductRepository
  readonly customers: CustomerRepository
  readonly correspondence: Correspondence
  readonly clock: Clock
}) {
  const { orders, carts, products, customers, correspondence, clock } = uses
  return async (orderId: string): Promise<void> => {
    const order = await orders.get(orderId)
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
    await correspondence.say(customer, orderCancelled(order, cart), { replyTo: order.messageId })
  }
}

export type ReleaseOrder = ReturnType<typeof createReleaseOrder>
