import type { Page } from 'portolan'
import type { OrderStatus } from '../../domain/order/order.ts'
import type { RefundStatus } from '../../domain/refund/refund.ts'
import type { OrderStep } from './order-steps.ts'

/** What staff look at: reads what is committed, changes nothing. Amounts are decimal text. */
export interface StaffQueries {
  readonly figures: FigureQueries
  readonly orders: OrderQueries
  readonly products: ProductQueries
  readonly customers: CustomerQueries
}

export interface FigureQueries {
  overview(): Promise<Overview>
  /** The newest days first. */
  days(limit: number): Promise<readonly DayRow[]>
}

export interface OrderQueries {
  /** Newest first. */
  list(
    page: PageRequest & { readonly customerId?: string; readonly status?: OrderStatus },
  ): Promise<Page<OrderRow>>
  find(id: string): Promise<OrderDetail | undefined>
  /** Newest first. */
  refunds(page: PageRequest): Promise<Page<RefundRow>>
}

export interface ProductQueries {
  /** By name; those that hold every word of `text`. */
  list(page: PageRequest & { readonly text?: string }): Promise<Page<ProductRow>>
  find(sku: string): Promise<ProductDetail | undefined>
}

export interface CustomerQueries {
  /** Last seen first. */
  list(page: PageRequest & { readonly text?: string }): Promise<Page<CustomerRow>>
  find(id: string): Promise<CustomerRow | undefined>
  /** The customers who wrote last, each with the latest message. */
  conversations(page: PageRequest): Promise<Page<ConversationRow>>
  /** Newest first. */
  messages(customerId: string, page: PageRequest): Promise<Page<MessageRow>>
}

export interface PageRequest {
  /** At most this many. */
  readonly limit: number
  /** The `next` of the page before. */
  readonly after?: string
}

export interface Overview {
  readonly orders: number
  readonly paid: number
  /** Placed, and not paid yet. */
  readonly waiting: number
  readonly cancelled: number
  readonly refunds: number
  readonly products: number
  readonly customers: number
}

export interface OrderRow {
  readonly id: string
  readonly reference: string
  readonly customerId: string
  readonly customerName: string
  readonly status: OrderStatus
  readonly total: string
  readonly currency: string
  readonly lines: number
  readonly orderedAt: Date
  readonly paymentId: string | null
  readonly cancelReason: string | null
  readonly steps: readonly OrderStep[]
}

export interface LineRow {
  readonly position: number
  readonly sku: string
  readonly name: string
  readonly quantity: number
  readonly unitPrice: string
  readonly total: string
}

export interface OrderDetail extends Omit<OrderRow, 'lines'> {
  readonly lines: readonly LineRow[]
  readonly refunds: readonly RefundRow[]
}

export interface RefundRow {
  readonly id: string
  readonly reference: string
  readonly customerId: string
  readonly customerName: string
  readonly orderId: string | null
  readonly status: RefundStatus
  readonly total: string
  readonly currency: string
  readonly returnedAt: Date
  readonly paymentId: string | null
}

export interface ProductRow {
  readonly sku: string
  readonly name: string
  readonly price: string
  readonly currency: string
  readonly stock: number
}

export interface ProductDetail extends ProductRow {
  /** The standard price first. */
  readonly prices: readonly string[]
  /** Pieces in paid orders. */
  readonly sold: number
}

export interface CustomerRow {
  readonly id: string
  readonly waId: string
  readonly name: string
  readonly email: string | null
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly orders: number
  /** Of paid orders. */
  readonly spent: string
}

export interface ConversationRow {
  readonly customerId: string
  readonly name: string
  readonly lastMessage: string
  readonly lastAt: Date
}

export interface MessageRow {
  readonly id: string
  readonly direction: 'in' | 'out'
  /** What was said, as text. */
  readonly text: string
  /** Buttons and rows that were offered. */
  readonly choices: readonly string[]
  /** Of outgoing messages. */
  readonly status: string | null
  readonly reason: string | null
  readonly at: Date
}

export interface DayRow {
  readonly day: string
  readonly orders: number
  readonly sales: string
  readonly refunds: number
  readonly refunded: string
}
