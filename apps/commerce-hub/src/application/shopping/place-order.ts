import type { Clock, Ids } from 'portolan'
import type { CartRepository } from '../../domain/cart/cart-repository.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import { quantitiesBySku } from '../../domain/line.ts'
import { Order } from '../../domain/order/order.ts'
import type { OrderRepository } from '../../domain/order/order-repository.ts'
import { ShopError } from '../../domain/shop-error.ts'

export interface OrderConfirmation {
  readonly customerId: string
  readonly cartId: string
  /** The cart as the customer saw it. */
  readonly revision: number
  /** The message that confirmed it. */
  readonly messageId: string
  readonly orderedAt: Date
}

/**
 * Turns a confirmed cart into an order: goods reserved, `OrderPlaced` recorded, all in the unit of work in progress. Nothing is
 * saved unless every line can be had at its price.
 */
export function createPlaceOrder(uses: {
  readonly carts: CartRepository
  readonly products: ProductRepository
  readonly orders: OrderRepository
  readonly ids: Ids
  readonly clock: Clock
}) {
  const { carts, products, orders, ids, clock } = uses
  return async ({
    customerId,
    cartId,
    revision,
    messageId,
    orderedAt,
  }: OrderConfirmation): Promise<Order> => {
    const cart = await carts.find(cartId)
    if (cart?.customerId !== customerId) throw new ShopError('unknown_cart', 'There is no such cart.')
    cart.order(revision, new Date(clock.now()))

    const quantities = quantitiesBySku(cart.lines)
    const reserved = await products.findMany([...quantities.keys()], { lock: 'update' })
    const bySku = new Map(reserved.map(product => [product.sku, product]))
    for (const line of cart.lines) {
      const product = bySku.get(line.sku)
      if (!product) throw new ShopError('unknown_product', `${line.name} is no longer for sale.`)
      product.requirePrice(line.unitPrice)
    }
    for (const [sku, quantity] of quantities) bySku.get(sku)!.reserve(quantity)

    const order = Order.place(ids.next(), cart, messageId, orderedAt)
    await products.saveMany(reserved)
    await carts.save(cart)
    await orders.save(order)
    return order
  }
}

export type PlaceOrder = ReturnType<typeof createPlaceOrder>
