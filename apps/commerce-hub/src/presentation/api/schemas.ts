import { z } from 'zod'

/** What the API takes and gives: amounts as decimal text, moments as ISO 8601. */

export const amount = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,3})?$/)
  .meta({ description: 'Decimal text with at most three decimals.', examples: ['2.55'] })

const signedAmount = z.string().meta({ description: 'Decimal text.', examples: ['2.550'] })
const moment = z
  .date()
  .transform(date => date.toISOString())
  .pipe(z.iso.datetime())

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'At most this many.' }),
  after: z.string().optional().meta({ description: 'The `next` of the page before.' }),
})

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item).readonly(),
    next: z.string().optional().meta({ description: 'Absent on the last page.' }),
  })
}

export const orderStatus = z.enum(['placed', 'paid', 'cancelled'])

const orderHead = z.object({
  id: z.string(),
  reference: z.string().meta({ description: 'The WhatsApp message or the cart that it came from.' }),
  customerId: z.string(),
  customerName: z.string(),
  status: orderStatus,
  total: signedAmount,
  currency: z.string(),
  orderedAt: moment,
  paymentId: z.string().nullable(),
  cancelReason: z.string().nullable(),
  steps: z
    .array(z.enum(['receipt', 'mail', 'confirmation']))
    .readonly()
    .meta({ description: 'What was done since it was paid.' }),
})

export const orderRow = orderHead.extend({ lines: z.number().int() })

export const refund = z.object({
  id: z.string(),
  reference: z.string(),
  customerId: z.string(),
  orderId: z.string().nullable(),
  status: z.enum(['requested', 'paid', 'declined']),
  total: signedAmount,
  currency: z.string(),
  returnedAt: moment,
  paymentId: z.string().nullable(),
})

export const orderDetail = orderHead.extend({
  lines: z
    .array(
      z.object({
        position: z.number().int(),
        sku: z.string(),
        name: z.string(),
        quantity: z.number().int(),
        unitPrice: signedAmount,
        total: signedAmount,
      }),
    )
    .readonly(),
  refunds: z.array(refund).readonly(),
})

export const product = z.object({
  sku: z.string(),
  name: z.string(),
  price: signedAmount,
  currency: z.string(),
  stock: z.number().int(),
})

export const productDetail = product.extend({
  prices: z.array(signedAmount).readonly().meta({ description: 'The standard price first.' }),
  sold: z.number().int().meta({ description: 'Pieces in paid orders.' }),
})

export const customer = z.object({
  id: z.string(),
  waId: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  firstSeenAt: moment,
  lastSeenAt: moment,
  orders: z.number().int(),
  spent: signedAmount,
})

export const message = z.object({
  id: z.string(),
  direction: z.enum(['in', 'out']),
  text: z.string(),
  choices: z.array(z.string()).readonly(),
  status: z.string().nullable(),
  reason: z.string().nullable(),
  at: moment,
})

export const deadWork = z.object({
  kind: z.enum(['job', 'message']),
  id: z.string(),
  type: z.string(),
  consumer: z.string(),
  reason: z.string(),
  attempts: z.number().int(),
  createdAt: moment,
  diedAt: moment,
})
