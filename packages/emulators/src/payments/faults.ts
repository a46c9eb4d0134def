import { z } from 'zod'
import { type HttpFaults, httpFaults, rate, type WebhookFaults, webhookFaults } from '../faults/faults.ts'

/**
 * What happens to a charge of a test amount: `timeout` (taken, answered late), `pending` (settled two seconds later, told by
 * webhook), `duplicate_webhook` (told twice); anything else declines it with that reason.
 */
export type TestAmounts = Readonly<Record<string, string>>

export const defaultTestAmounts: TestAmounts = {
  '0.02': 'card_declined',
  '0.03': 'insufficient_funds',
  '0.04': 'timeout',
  '0.05': 'pending',
  '0.06': 'duplicate_webhook',
}

export interface PaymentFaults extends HttpFaults, WebhookFaults {
  /** By exact amount. Default: see `defaultTestAmounts`. `{}` switches them off. */
  readonly testAmounts: TestAmounts
  /** Charges that are declined with `card_declined`. */
  readonly declineRate: number
  /** Charges that stay pending for two seconds. */
  readonly pendingRate: number
}

export const paymentFaults = z.strictObject({
  ...httpFaults,
  ...webhookFaults,
  testAmounts: z
    .record(z.string().regex(/^\d+(\.\d+)?$/), z.string().min(1).max(100))
    .default({ ...defaultTestAmounts }),
  declineRate: rate,
  pendingRate: rate,
})
