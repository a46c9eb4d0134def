import type { Cart } from './cart.ts'

export interface CartRepository {
  find(id: string): Promise<Cart | undefined>
  /** The cart that a customer fills or confirms by chatting; not one that came as an order message. */
  findCurrent(customerId: string): Promise<Cart | undefined>
  /** Carts with goods in them that nobody has touched since `before`, not reminded yet. */
  findAbandoned(before: Date, limit: number): Promise<Cart[]>
  /** Unfinished carts that nobody has touched since `before`. */
  findStale(before: Date, limit: number): Promise<Cart[]>
  save(cart: Cart): Promise<void>
}
