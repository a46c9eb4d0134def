export type PaymentObject = 'charge' | 'refund'
export type PaymentRecordStatus = 'pending' | 'succeeded' | 'declined'

/** A charge or refund, as it is answered. */
export interface PaymentRecord {
  /** `ch_…` or `re_…`. */
  readonly id: string
  readonly object: PaymentObject
  readonly status: PaymentRecordStatus
  /** Why it was declined. */
  readonly reason?: string
  /** Decimal text, as it was given. */
  readonly amount: string
  readonly currency: string
  readonly reference: string
  readonly customer: string
  /** Of a refund: the charge that is given back. */
  readonly charge?: string
  /** Seconds since the epoch. */
  readonly created: number
}

export interface PaymentRow {
  readonly seq: number
  readonly id: string
  readonly object: PaymentObject
  readonly status: PaymentRecordStatus
  readonly reason: string | null
  readonly amount: string
  readonly currency: string
  readonly reference: string
  readonly customer: string
  readonly charge: string | null
  readonly created: number
}

export function toPaymentRecord(row: PaymentRow): PaymentRecord {
  return {
    id: row.id,
    object: row.object,
    status: row.status,
    ...(row.reason !== null && { reason: row.reason }),
    amount: row.amount,
    currency: row.currency,
    reference: row.reference,
    customer: row.customer,
    ...(row.charge !== null && { charge: row.charge }),
    created: Math.floor(row.created / 1000),
  }
}
