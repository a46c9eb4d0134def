import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Surroundings } from 'portolan/runtime'
import { z } from 'zod'
import { addHttpGate } from '../faults/http-gate.ts'
import type { PaymentObject } from './payment-record.ts'
import { toPaymentRecord } from './payment-record.ts'
import { paymentRequest } from './payment-request.ts'
import type { createPayments } from './payments.ts'

export interface PaymentApiOptions extends Pick<Surroundings, 'clock' | 'random'> {
  readonly payments: ReturnType<typeof createPayments>
  readonly apiKey: string
  readonly closing: AbortSignal
}

const listQuery = z.object({
  reference: z.string().optional(),
  customer: z.string().optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

/** The gateway over HTTP: `/v1/charges` and `/v1/refunds` of the scope it is registered in. */
export function addPaymentApi(server: FastifyInstance, options: PaymentApiOptions): void {
  const { payments, clock, closing } = options
  const { facade, gateway, ledger } = payments
  const expected = Buffer.from(`Bearer ${options.apiKey}`)

  addHttpGate(server, {
    faults: facade.faults,
    arrived: payments.arrived,
    refuse: (reply, status) => problem(reply, status, refusals[status][0], refusals[status][1]),
    ...options,
  })
  server.addHook('preHandler', (request, reply, done) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    if (given.length === expected.length && timingSafeEqual(given, expected)) done()
    else problem(reply, 401, 'unauthenticated', 'Send the API key as a bearer token.')
  })
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const status = error.statusCode ?? 500
    return problem(reply, status, status < 500 ? 'invalid_request' : 'internal', error.message)
  })
  server.setNotFoundHandler((_request, reply) => problem(reply, 404, 'not_found', 'There is nothing here.'))

  for (const [path, object] of [
    ['/v1/charges', 'charge'],
    ['/v1/refunds', 'refund'],
  ] as const) {
    server.post(path, (request, reply) =>
      make(object, request.headers['idempotency-key'], request.body, reply),
    )
    server.get(path, async (request, reply) => list(object, request.query, reply))
    server.get<{ Params: { id: string } }>(`${path}/:id`, async (request, reply) => {
      const row = ledger.find(request.params.id)
      if (row?.object !== object) return problem(reply, 404, 'not_found', `There is no ${object} of this id.`)
      return reply.send(toPaymentRecord(row))
    })
  }

  async function make(
    object: PaymentObject,
    key: string | string[] | undefined,
    body: unknown,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (typeof key !== 'string' || key === '' || key.length > 255) {
      return problem(
        reply,
        400,
        'idempotency_key_required',
        'Send an Idempotency-Key of 1 to 255 characters.',
      )
    }
    const request = paymentRequest.safeParse(body)
    if (!request.success) return problem(reply, 400, 'invalid_request', z.prettifyError(request.error))
    if (object === 'charge' && request.data.charge !== undefined) {
      return problem(reply, 400, 'invalid_request', 'A charge has no `charge`.')
    }
    const answer = await gateway.make(object, request.data, key)
    if ('code' in answer) return problem(reply, answer.status, answer.code, answer.detail)
    if (answer.late) await clock.sleep(facade.faults.current.timeoutMs, closing).catch(() => {})
    if (answer.replayed) reply.header('idempotency-replayed', 'true')
    return reply.code(201).type('application/json; charset=utf-8').send(answer.json)
  }

  function list(object: PaymentObject, query: unknown, reply: FastifyReply): FastifyReply {
    const parsed = listQuery.safeParse(query)
    if (!parsed.success) return problem(reply, 400, 'invalid_request', z.prettifyError(parsed.error))
    const { after, limit, reference, customer } = parsed.data
    const start = after === undefined ? undefined : ledger.find(after)
    if (after !== undefined && !start)
      return problem(reply, 400, 'invalid_request', `after: there is no ${after}.`)
    const rows = ledger.list({
      object,
      limit: limit + 1,
      ...(start && { after: start.seq }),
      ...(reference !== undefined && { reference }),
      ...(customer !== undefined && { customer }),
    })
    return reply.send({ data: rows.slice(0, limit).map(toPaymentRecord), has_more: rows.length > limit })
  }
}

/** RFC 9457. */
function problem(reply: FastifyReply, status: number, code: string, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: 'about:blank', title: titles[status] ?? 'Error', status, code, detail }))
}

const refusals = {
  401: ['unauthenticated', 'The API key was revoked (a fault that is switched on).'],
  500: ['internal', 'The gateway failed before it did anything (a fault that is switched on).'],
  503: ['unavailable', 'The gateway is down (a fault that is switched on).'],
} as const

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
