import type { Order, OrderStatus } from './order.ts'

export type OrderSummary = Pick<Order, 'id' | 'customerId' | 'messageId' | 'status' | 'total'>

/** `lock`: nobody else decides about it until the unit of work ends. */
interface LockOptions {
  readonly lock?: 'update'
}

export interface OrderRepository {
  find(id: string, options?: LockOptions): Promise<Order | undefined>
  get(id: string, options?: LockOptions): Promise<Order>
  /** Without the lines. */
  summaryOf(id: string): Promise<OrderSummary>
  /** Without loading the order. */
  statusOf(id: string): Promise<OrderStatus | undefined>
  save(order: Order): Promise<void>
}
