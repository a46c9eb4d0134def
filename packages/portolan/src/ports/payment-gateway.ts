/** An exact amount: `units / 10 ** scale` of `currency`, as in `{ units: 2550n, scale: 3, currency: 'GBP' }` for £2.55. */
export interface Amount {
  readonly units: bigint
  readonly scale: number
  /** ISO 4217. */
  readonly currency: string
}

export type PaymentStatus = 'pending' | 'succeeded' | 'declined'

export interface Payment {
  readonly id: string
  readonly status: PaymentStatus
  /** Why it was declined, as in `card_declined`. */
  readonly reason?: string
}

export interface ChargeRequest {
  readonly amount: Amount
  /** The order that is paid; shown on the customer's statement and returned with every event. */
  readonly reference: string
  /** Whom to charge: the gateway's or the shop's customer id. */
  readonly customer: string
  /** The same key never charges twice. */
  readonly idempotencyKey: string
  readonly signal?: AbortSignal
}

export interface RefundRequest {
  readonly amount: Amount
  /** The charge that is given back; without it, money is sent to `customer` unreferenced. */
  readonly charge?: string
  readonly reference: string
  readonly customer: string
  readonly idempotencyKey: string
  readonly signal?: AbortSignal
}

/**
 * Takes money and gives it back. A decline is an answer, not an error.
 *
 * @example
 * import type { PaymentGateway } from 'portolan'
 *
 * declare const payments: PaymentGateway
 * const amount = { units: 590n, scale: 2, currency: 'GBP' }
 * const payment = await payments.charge({ amount, reference: '42', customer: '447700900123', idempotencyKey: 'order-42' })
 * console.log(payment.status === 'declined' ? payment.reason : payment.id)
 */
export interface PaymentGateway {
  /** Rejects with `deadline_exceeded` or `unavailable` when the outcome is unknown: ask again with the same key. */
  charge(request: ChargeRequest): Promise<Payment>
  refund(request: RefundRequest): Promise<Payment>
}

/** What the gateway tells afterwards. Delivered at least once, unordered: deduplicate by `id`. */
export interface PaymentEvent {
  readonly id: string
  /** As in `charge.succeeded`. */
  readonly type: `${'charge' | 'refund'}.${PaymentStatus}`
  readonly at: Date
  readonly payment: Payment & {
    readonly kind: 'charge' | 'refund'
    readonly amount: Amount
    readonly reference: string
    readonly customer: string
  }
}
