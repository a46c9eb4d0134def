import type { Rest } from 'portolan/rest'
import { z } from 'zod'
import type { Operations } from '../../application/ports/operations.ts'
import type { FigureQueries } from '../../application/ports/staff-queries.ts'
import { deadWork } from './schemas.ts'

const count = z.number().int()
const workKind = z.object({ kind: z.enum(['job', 'message']), id: z.string() })

export function serveOperations(
  rest: Rest,
  uses: { readonly operations: Operations; readonly figures: FigureQueries },
): void {
  const { operations, figures } = uses

  rest.route({
    method: 'GET',
    path: '/status',
    version: 1,
    summary: 'What the shop holds, and what it has in hand',
    tags: ['Operations'],
    responses: {
      200: z.object({
        holds: z.object({
          orders: count,
          paid: count,
          waiting: count,
          cancelled: count,
          refunds: count,
          products: count,
          customers: count,
        }),
        inHand: z.object({ jobs: count, retrying: count, messages: count, dead: count }),
      }),
    },
    handler: async () => ({ holds: await figures.overview(), inHand: await operations.workload() }),
  })

  rest.route({
    method: 'GET',
    path: '/dead-letters',
    version: 1,
    summary: 'Work that was given up, newest first',
    tags: ['Operations'],
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    responses: { 200: z.object({ items: z.array(deadWork).readonly() }) },
    handler: async ({ query }) => ({ items: await operations.deadLetters(query.limit) }),
  })

  rest.route({
    method: 'POST',
    path: '/dead-letters/:kind/:id/replay',
    version: 1,
    summary: 'Send one on its way again',
    tags: ['Operations'],
    params: workKind,
    responses: { 204: null },
    handler: async ({ params }) => {
      await operations.replay(params.kind, params.id)
      return undefined
    },
  })

  rest.route({
    method: 'DELETE',
    path: '/dead-letters/:kind/:id',
    version: 1,
    summary: 'Discard one for good',
    tags: ['Operations'],
    params: workKind,
    responses: { 204: null },
    handler: async ({ params }) => {
      await operations.discard(params.kind, params.id)
      return undefined
    },
  })
}
