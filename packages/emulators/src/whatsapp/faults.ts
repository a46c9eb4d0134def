import { z } from 'zod'
import { type HttpFaults, httpFaults, rate, type WebhookFaults, webhookFaults } from '../faults/faults.ts'

export interface WhatsAppFaults extends HttpFaults, WebhookFaults {
  /** Sends that are refused with `errorCode`. */
  readonly errorCodeRate: number
  /** Default 131000. */
  readonly errorCode: number
  /** Messages that are accepted and then fail with `failureCode`. */
  readonly failureRate: number
  /** Default 131026. */
  readonly failureCode: number
  /** Enforces about one message per 6 s to one customer, 45 at once (131056). */
  readonly pairRateLimit: boolean
  /** Enforces 80 messages a second (130429). */
  readonly throughputLimit: boolean
}

export const whatsAppFaults = z.strictObject({
  ...httpFaults,
  ...webhookFaults,
  errorCodeRate: rate,
  errorCode: z.number().int().default(131000),
  failureRate: rate,
  failureCode: z.number().int().default(131026),
  pairRateLimit: z.boolean().default(false),
  throughputLimit: z.boolean().default(false),
})
