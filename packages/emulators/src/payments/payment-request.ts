import { z } from 'zod'

const text = z.string().min(1).max(255)

/** What a charge or refund must say. */
export const paymentRequest = z.strictObject({
  amount: z
    .string()
    .regex(/^(0|[1-9]\d{0,23})(\.\d{1,6})?$/, 'must be decimal text with at most 6 places, as in "12.50"')
    .refine(amount => /[1-9]/.test(amount), 'must be greater than zero'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, as in "GBP"'),
  reference: text,
  customer: text,
  charge: text.optional(),
})

export type PaymentRequest = z.infer<typeof paymentRequest>
