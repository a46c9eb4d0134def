import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addHttpGate } from '../faults/http-gate.ts'
import { addAccountRoutes } from './account-routes.ts'
import { type ApiOptions, type Fail, parse, textOf, unknownObject } from './api-exchange.ts'
import { graphError, graphErrorBody } from './errors.ts'
import { addMediaRoutes } from './media-routes.ts'

const refusals = { 401: 190, 500: 131000, 503: 2 } as const
const jsonType = 'application/json; charset=UTF-8'

/** The Cloud API over HTTP, under `/{version}/…` of the scope it is registered in. */
export function addWhatsAppApi(server: FastifyInstance, options: ApiOptions): void {
  const { whatsapp, ids } = options
  const { outbound, account } = whatsapp
  const expected = Buffer.from(`Bearer ${options.token}`)

  const fail: Fail = (reply, error) =>
    reply
      .code(error.status)
      .type(jsonType)
      .send(graphErrorBody(error, ids.next().replaceAll('-', '').slice(0, 22)))

  addHttpGate(server, {
    faults: whatsapp.facade.faults,
    refuse: (reply, status) => fail(reply, { ...graphError(refusals[status]), status }),
    arrived: whatsapp.arrived,
    ...options,
  })

  // The text is kept: it is stored as it came. What is no JSON is answered in Meta's words.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  server.addHook('preHandler', (request, reply, done) => {
    if (!authorized(request)) return void fail(reply, graphError(190))
    done()
  })
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    fail(reply, {
      ...graphError((error.statusCode ?? 500) < 500 ? 100 : 1, error.message),
      status: error.statusCode ?? 500,
    }),
  )
  server.setNotFoundHandler((request, reply) => {
    if (!authorized(request)) return fail(reply, graphError(190))
    return fail(reply, unknownObject(request.url))
  })

  function authorized(request: FastifyRequest): boolean {
    const given = Buffer.from(request.headers.authorization ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  server.post<{ Params: { object: string } }>('/:version/:object/messages', async (request, reply) => {
    if (request.params.object !== account.phoneNumberId) return fail(reply, unknownObject(request.url))
    const json = textOf(request.body)
    const body = parse(json)
    if (body === undefined) return fail(reply, graphError(100, 'The body is no JSON.'))
    reply.type(jsonType)
    if (isMark(body)) {
      const error = await outbound.mark(body)
      return error ? fail(reply, error) : reply.send('{"success":true}')
    }
    const result = await outbound.send(body, json)
    if ('code' in result) return fail(reply, result)
    return reply.send(
      `{"messaging_product":"whatsapp","contacts":[{"input":${JSON.stringify(result.input)},"wa_id":"${result.waId}"}],"messages":[{"id":"${result.id}"}]}`,
    )
  })
  addMediaRoutes(server, options, fail)
  addAccountRoutes(server, options, fail)
}

function isMark(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'status' in body
}
