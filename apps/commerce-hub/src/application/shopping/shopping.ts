import type { Clock, Ids } from 'portolan'
import { Cart, type CartItem } from '../../domain/cart/cart.ts'
import type { CartRepository } from '../../domain/cart/cart-repository.ts'
import type { Product } from '../../domain/catalog/product.ts'
import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import { quantitiesBySku, requireQuantity } from '../../domain/line.ts'
import { Money } from '../../domain/money.ts'
import { ShopError } from '../../domain/shop-error.ts'
import type { OrderedItem } from '../ports/chat-log.ts'

/** What a customer does with carts. Each joins the unit of work in progress, and saves only what kept every rule. */
export interface Shopping {
  current(customerId: string): Promise<Cart | undefined>
  add(customerId: string, sku: string, quantity: number): Promise<Cart>
  remove(customerId: string, sku: string): Promise<Cart>
  clear(customerId: string): Promise<Cart>
  /** Shows the total, to be confirmed. */
  checkOut(customerId: string): Promise<Cart>
  /** A native order message: a cart of its own, ready to be confirmed. */
  takeOrder(customerId: string, messageId: string, items: readonly OrderedItem[]): Promise<Cart>
  cancel(customerId: string, cartId: string): Promise<void>
}

export function createShopping(uses: {
  readonly carts: CartRepository
  readonly products: ProductRepository
  readonly ids: Ids
  readonly clock: Clock
}): Shopping {
  const { carts, products, ids, clock } = uses
  const now = () => new Date(clock.now())

  const change = async (customerId: string, apply: (cart: Cart) => void): Promise<Cart> => {
    const cart = (await carts.findCurrent(customerId)) ?? Cart.open(ids.next(), customerId, now())
    apply(cart)
    await carts.save(cart)
    return cart
  }

  return {
    current: customerId => carts.findCurrent(customerId),

    async add(customerId, sku, quantity) {
      requireQuantity(quantity)
      const product = await products.find(sku)
      if (!product) throw new ShopError('unknown_product', `There is no product ${sku}.`)
      return change(customerId, cart => {
        const wanted = cart.lines
          .filter(line => line.sku === sku)
          .reduce((total, line) => total + line.quantity, quantity)
        // A first look, so that the customer hears it early; what counts is the reservation when the order is placed.
        product.requireStock(wanted)
        cart.add({ sku, name: product.name, unitPrice: product.standardPrice, quantity }, now())
      })
    },

    remove: (customerId, sku) => change(customerId, cart => cart.remove(sku, now())),

    clear: customerId => change(customerId, cart => cart.clear(now())),

    checkOut: customerId => change(customerId, cart => cart.checkOut(now())),

    async takeOrder(customerId, messageId, items) {
      if (items.length === 0)
        throw new ShopError('empty_cart', 'Your order is empty. Send "menu" to look around.')
      const found = await products.findMany([...new Set(items.map(item => item.sku))])
      const bySku = new Map(found.map(product => [product.sku, product]))
      const cartItems = items.map(item => itemOf(item, bySku.get(item.sku)))
      for (const [sku, quantity] of quantitiesBySku(cartItems)) bySku.get(sku)!.requireStock(quantity)
      const cart = Cart.fromOrderMessage(ids.next(), customerId, messageId, cartItems, now())
      await carts.save(cart)
      return cart
    },

    async cancel(customerId, cartId) {
      const cart = await carts.find(cartId)
      if (cart?.customerId !== customerId) throw new ShopError('unknown_cart', 'There is no such cart.')
      cart.cancel(now())
      await carts.save(cart)
    },
  }
}

function itemOf(item: OrderedItem, product: Product | undefined): CartItem {
  if (!product) throw new ShopError('unknown_product', `There is no product ${item.sku}.`)
  requireQuantity(item.quantity)
  const unitPrice = Money.parse(item.unitPrice, item.currency)
  product.requirePrice(unitPrice)
  return { sku: product.sku, name: product.name, unitPrice, quantity: item.quantity }
}
