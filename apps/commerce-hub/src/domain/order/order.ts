import type { Cart } from '../cart/cart.ts'
import type { DomainEvent } from '../event.ts'
import { type Line, requireTotal } from '../line.ts'
import type { Money } from '../money.ts'
import { orderCancelled, orderPaid, orderPaidLate, orderPlaced } from './order-events.ts'

/** `placed` while its payment is on the way. */
export type OrderStatus = 'placed' | 'paid' | 'cancelled'

/** Why an order is cancelled that nobody has paid in time. */
export const paymentOverdue = 'payment_overdue'

export interface OrderState {
  readonly id: string
  readonly customerId: string
  readonly cartId: string
  /** The customer's message that confirmed it: what the shop's answers refer to. */
  readonly messageId: string
  /** Where it came from, for the books: the native order message, else the cart. */
  readonly reference: string
  readonly status: OrderStatus
  readonly lines: readonly Line[]
  readonly total: Money
  /** When the customer sent it. */
  readonly orderedAt: Date
  readonly paymentId: string | null
  readonly cancelReason: string | null
}

/** A confirmed cart: goods are reserved, money is due. */
export class Order {
  readonly id: string
  readonly customerId: string
  readonly cartId: string
  readonly messageId: string
  readonly reference: string
  readonly lines: readonly Line[]
  readonly total: Money
  readonly orderedAt: Date
  #status: OrderStatus
  #paymentId: string | null
  #cancelReason: string | null
  readonly #events: DomainEvent[] = []

  private constructor(state: OrderState) {
    this.id = state.id
    this.customerId = state.customerId
    this.cartId = state.cartId
    this.messageId = state.messageId
    this.reference = state.reference
    this.lines = state.lines
    this.total = state.total
    this.orderedAt = state.orderedAt
    this.#status = state.status
    this.#paymentId = state.paymentId
    this.#cancelReason = state.cancelReason
  }

  /** An order for everything in the cart, as it was confirmed by `messageId`. */
  static place(id: string, cart: Cart, messageId: string, orderedAt: Date): Order {
    const order = new Order({
      id,
      customerId: cart.customerId,
      cartId: cart.id,
      messageId,
      reference: cart.sourceMessageId ?? cart.id,
      status: 'placed',
      lines: cart.lines,
      total: requireTotal(cart.lines),
      orderedAt,
      paymentId: null,
      cancelReason: null,
    })
    order.#events.push(orderPlaced(order))
    return order
  }

  static restore(state: OrderState): Order {
    return new Order(state)
  }

  get status(): OrderStatus {
    return this.#status
  }

  get paymentId(): string | null {
    return this.#paymentId
  }

  get cancelReason(): string | null {
    return this.#cancelReason
  }

  /** What happened since it was loaded. */
  get events(): readonly DomainEvent[] {
    return this.#events
  }

  /** The payment went through. Told twice, nothing happens; `false` then. */
  pay(paymentId: string): boolean {
    if (this.#status !== 'placed') return false
    this.#status = 'paid'
    this.#paymentId = paymentId
    this.#events.push(orderPaid(this, paymentId))
    return true
  }

  /** The payment went through when the order had been cancelled: the money has to go back. Told twice, `false`. */
  payLate(paymentId: string): boolean {
    if (this.#status !== 'cancelled' || this.#paymentId !== null) return false
    this.#paymentId = paymentId
    this.#events.push(orderPaidLate(this, paymentId))
    return true
  }

  /** The payment was declined, or did not come in time. Told twice, or after it was paid, nothing happens; `false` then. */
  cancel(reason: string): boolean {
    if (this.#status !== 'placed') return false
    this.#status = 'cancelled'
    this.#cancelReason = reason
    this.#events.push(orderCancelled(this, reason))
    return true
  }
}
