import type { DomainEvent } from '../event.ts'
import { type Line, requireQuantity, requireTotal } from '../line.ts'
import type { Money } from '../money.ts'
import { ShopError } from '../shop-error.ts'

export type RefundStatus = 'requested' | 'paid' | 'declined'

export interface RefundState {
  readonly id: string
  /** Names it in the books; unique, so that recording a return twice records it once. */
  readonly reference: string
  readonly customerId: string
  /** The order that the goods came from, where it is known. */
  readonly orderId: string | null
  readonly status: RefundStatus
  readonly lines: readonly Line[]
  readonly total: Money
  /** When the goods came back. */
  readonly returnedAt: Date
  readonly paymentId: string | null
}

/** Goods that came back, and the money that goes back for them. */
export class Refund {
  readonly id: string
  readonly reference: string
  readonly customerId: string
  readonly orderId: string | null
  readonly lines: readonly Line[]
  readonly total: Money
  readonly returnedAt: Date
  #status: RefundStatus
  #paymentId: string | null
  readonly #events: DomainEvent[] = []

  private constructor(state: RefundState) {
    this.id = state.id
    this.reference = state.reference
    this.customerId = state.customerId
    this.orderId = state.orderId
    this.lines = state.lines
    this.total = state.total
    this.returnedAt = state.returnedAt
    this.#status = state.status
    this.#paymentId = state.paymentId
  }

  static request(facts: Omit<RefundState, 'status' | 'total' | 'paymentId'>): Refund {
    if (facts.lines.length === 0) throw new ShopError('invalid_refund', 'A refund needs at least one line.')
    for (const line of facts.lines) requireQuantity(line.quantity)
    const total = requireTotal(facts.lines)
    if (total.units <= 0n) throw new ShopError('invalid_refund', 'A refund must be worth something.')
    const refund = new Refund({ ...facts, status: 'requested', total, paymentId: null })
    refund.#record('shop.refund.requested')
    return refund
  }

  static restore(state: RefundState): Refund {
    return new Refund(state)
  }

  get status(): RefundStatus {
    return this.#status
  }

  get paymentId(): string | null {
    return this.#paymentId
  }

  get events(): readonly DomainEvent[] {
    return this.#events
  }

  /** The money is back. Told twice, nothing happens; `false` then. */
  pay(paymentId: string): boolean {
    if (this.#status !== 'requested') return false
    this.#status = 'paid'
    this.#paymentId = paymentId
    this.#record('shop.refund.paid')
    return true
  }

  /** The gateway would not give the money back: staff must see to it. */
  decline(): boolean {
    if (this.#status !== 'requested') return false
    this.#status = 'declined'
    return true
  }

  #record(type: string): void {
    this.#events.push({
      type,
      key: this.id,
      data: {
        refundId: this.id,
        customerId: this.customerId,
        total: this.total.toDecimal(),
        returnedAt: this.returnedAt.toISOString(),
      },
    })
  }
}
