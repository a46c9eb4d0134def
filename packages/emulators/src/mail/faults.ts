import { z } from 'zod'
import { rate } from '../faults/faults.ts'

export interface MailFaults {
  /** Connections are refused with 421. */
  readonly down: boolean
  /** Mails that are refused for now, with 451. */
  readonly errorRate: number
  /** Before each mail is accepted. */
  readonly latencyMs: number
  /** Recipients that are refused for good, with 550. */
  readonly unknownRecipients: readonly string[]
}

export const mailFaults = z.strictObject({
  down: z.boolean().default(false),
  errorRate: rate,
  latencyMs: z.number().int().min(0).max(600_000).default(0),
  unknownRecipients: z.array(z.string()).default([]),
})
