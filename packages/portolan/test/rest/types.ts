/** What the types promise; checked by the compiler, never run. */
import { createRest, html, reply, text } from 'portolan/rest'
import { z } from 'zod'

const Order = z.object({ id: z.string(), status: z.enum(['open', 'paid']), total: z.number().default(0) })

export function routes(): void {
  const rest = createRest({ title: 'Types', version: '1' })
  const base = { method: 'GET', version: 1, summary: 'x' } as const

  rest.route({
    ...base,
    path: '/orders/:id/lines/:line',
    query: z.object({ limit: z.int().default(20) }),
    responses: { 200: Order, 404: z.object({ reason: z.string() }) },
    handler: async ({ params, query, body }) => {
      const limit: number = query.limit
      const id: string = params.id + params.line
      const nothing: undefined = body
      // @ts-expect-error: the path has no such name
      params.other
      if (limit > 3) return reply(404, { reason: String(nothing) })
      if (limit > 2) return reply(200, { id, status: 'paid' })
      return { id, status: 'open' }
    },
  })
  const lines: readonly string[] = ['a']
  rest.route({
    ...base,
    path: '/readonly',
    responses: { 200: z.object({ lines: z.array(z.string()) }), 404: Order },
    handler: () => (lines.length > 0 ? { lines } : reply(404, { id: 'x', status: 'open' })),
  })
  rest.route({
    ...base,
    path: '/a',
    responses: { 200: Order },
    // @ts-expect-error: 'lost' is no status of an order
    handler: () => ({ id: 'a', status: 'lost' }),
  })
  rest.route({
    ...base,
    path: '/b',
    responses: { 200: Order, 404: z.object({ reason: z.string() }) },
    // @ts-expect-error: a 404 has a reason
    handler: () => reply(404, { why: 'x' }),
  })
  rest.route({
    ...base,
    path: '/c',
    responses: { 200: Order },
    // @ts-expect-error: 418 is not declared
    handler: () => reply(418, { id: 'a', status: 'open' }),
  })
  rest.route({
    ...base,
    method: 'POST',
    path: '/d',
    body: Order,
    responses: { 201: Order, 204: null },
    handler: ({ body }) => {
      const total: number = body.total
      // @ts-expect-error: an order has no such field
      body.other
      return total > 1 ? reply(204) : body
    },
  })
  // @ts-expect-error: a route says its version
  rest.route({ method: 'GET', path: '/e', summary: 'x', handler: () => ({}) })
  // @ts-expect-error: a raw handler makes a reply
  rest.raw({ method: 'POST', path: '/f', handler: () => 'text' })
  rest.raw({
    method: 'POST',
    path: '/g/:shop',
    handler: ({ params, rawBody }) => text(params.shop + rawBody.length),
  })
  rest.page({
    method: 'POST',
    path: '/h',
    body: z.object({ stock: z.int() }),
    handler: ({ body, nonce }) => html(`${body.stock + 1}${nonce}`),
  })
}
