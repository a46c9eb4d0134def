import type { DomainEvent } from '../event.ts'
import type { Money } from '../money.ts'

/** What the rest of the shop needs to know of an order. Amounts are decimal text. */
export interface OrderEventData {
  readonly orderId: string
  readonly customerId: string
  readonly total: string
  /** ISO 8601. */
  readonly orderedAt: string
}

/** The part of an order that its events tell. */
interface Ordered {
  readonly id: string
  readonly customerId: string
  readonly total: Money
  readonly orderedAt: Date
}

export function orderPlaced(order: Ordered): DomainEvent {
  return { type: 'shop.order.placed', key: order.id, data: facts(order) }
}

export function orderPaid(order: Ordered, paymentId: string): DomainEvent {
  return { type: 'shop.order.paid', key: order.id, data: { ...facts(order), paymentId } }
}

export function orderPaidLate(order: Ordered, paymentId: string): DomainEvent {
  return { type: 'shop.order.paid_late', key: order.id, data: { ...facts(order), paymentId } }
}

export function orderCancelled(order: Ordered, reason: string): DomainEvent {
  return { type: 'shop.order.cancelled', key: order.id, data: { ...facts(order), reason } }
}

function facts(order: Ordered): OrderEventData {
  return {
    orderId: order.id,
    customerId: order.customerId,
    total: order.total.toDecimal(),
    orderedAt: order.orderedAt.toISOString(),
  }
}
