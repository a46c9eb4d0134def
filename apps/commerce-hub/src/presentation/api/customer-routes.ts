import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { CustomerQueries } from '../../application/ports/staff-queries.ts'
import { customer, message, pageOf, pageQuery } from './schemas.ts'
import { found } from './shop-errors.ts'

export function serveCustomers(rest: Rest, uses: { readonly customers: CustomerQueries }): void {
  const { customers } = uses

  rest.route({
    method: 'GET',
    path: '/customers',
    version: 1,
    summary: 'Customers, those seen last first',
    tags: ['Customers'],
    query: pageQuery.extend({
      text: z.string().max(200).optional().meta({ description: 'Words to look for.' }),
    }),
    responses: { 200: pageOf(customer) },
    handler: ({ query }) => customers.list(query),
  })

  rest.route({
    method: 'GET',
    path: '/customers/:id',
    version: 1,
    summary: 'One customer',
    tags: ['Customers'],
    responses: { 200: customer },
    handler: async ({ params: { id } }) => found(await customers.find(id), `customer ${id}`),
  })

  rest.route({
    method: 'GET',
    path: '/customers/:id/messages',
    version: 1,
    summary: 'The conversation with a customer, newest message first',
    tags: ['Customers'],
    query: pageQuery,
    responses: { 200: pageOf(message) },
    handler: ({ params: { id }, query }) => customers.messages(id, query),
  })
}
