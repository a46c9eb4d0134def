import { type Rest, reply } from 'portolan/rest'
import { z } from 'zod'
import type { OrderQueries } from '../../application/ports/staff-queries.ts'
import type { RequestRefund } from '../../application/refunds/request-refund.ts'
import { maxQuantity } from '../../domain/line.ts'
import { Money } from '../../domain/money.ts'
import type { Refund } from '../../domain/refund/refund.ts'
import { amount, pageOf, pageQuery, refund } from './schemas.ts'
import { tellingShopErrors } from './shop-errors.ts'

const returnedGoods = z.object({
  reference: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'Names the return; given twice, it is recorded once.', examples: ['C536379'] }),
  customerId: z.string().min(1).max(131),
  orderId: z
    .string()
    .min(1)
    .max(36)
    .nullable()
    .default(null)
    .meta({ description: 'Where the goods came from.' }),
  returnedAt: z.iso.datetime().transform(text => new Date(text)),
  lines: z
    .array(
      z.object({
        sku: z.string().min(1).max(32),
        quantity: z.int().min(1).max(maxQuantity),
        unitPrice: amount,
      }),
    )
    .min(1)
    .max(2000),
})

export function serveRefunds(
  rest: Rest,
  uses: { readonly orders: OrderQueries; readonly requestRefund: RequestRefund },
): void {
  const { orders, requestRefund } = uses

  rest.route({
    method: 'GET',
    path: '/refunds',
    version: 1,
    summary: 'Refunds, newest first',
    tags: ['Refunds'],
    query: pageQuery,
    responses: { 200: pageOf(refund) },
    handler: ({ query }) => orders.refunds(query),
  })

  rest.route({
    method: 'POST',
    path: '/refunds',
    version: 1,
    summary: 'Record returned goods',
    description:
      'The goods go back on the shelf and the money follows. Safe to repeat with the same reference.',
    tags: ['Refunds'],
    bodyLimit: '1mb',
    body: returnedGoods,
    responses: { 201: refund },
    handler: async ({ body }) => {
      const lines = body.lines.map(line => ({ ...line, unitPrice: Money.parse(line.unitPrice) }))
      const made = await tellingShopErrors(() => requestRefund({ ...body, lines }))
      return reply(201, refundView(made))
    },
  })
}

function refundView({ id, reference, customerId, orderId, status, total, returnedAt, paymentId }: Refund) {
  return {
    id,
    reference,
    customerId,
    orderId,
    status,
    total: total.toDecimal(),
    currency: total.currency,
    returnedAt,
    paymentId,
  }
}
