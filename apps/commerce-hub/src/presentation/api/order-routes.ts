import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { OrderQueries } from '../../application/ports/staff-queries.ts'
import { orderDetail, orderRow, orderStatus, pageOf, pageQuery } from './schemas.ts'
import { found } from './shop-errors.ts'

export function serveOrders(rest: Rest, uses: { readonly orders: OrderQueries }): void {
  const { orders } = uses

  rest.route({
    method: 'GET',
    path: '/orders',
    version: 1,
    summary: 'Orders, newest first',
    tags: ['Orders'],
    query: pageQuery.extend({ customerId: z.string().optional(), status: orderStatus.optional() }),
    responses: { 200: pageOf(orderRow) },
    handler: ({ query }) => orders.list(query),
  })

  rest.route({
    method: 'GET',
    path: '/orders/:id',
    version: 1,
    summary: 'One order, with its lines and refunds',
    tags: ['Orders'],
    responses: { 200: orderDetail },
    handler: async ({ params: { id } }) => found(await orders.find(id), `order ${id}`),
  })
}
