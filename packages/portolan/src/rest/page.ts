import type { FastifyInstance } from 'fastify'
import type { Schema } from '../ports/schema.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { PageDefinition } from './declarations.ts'
import { checkInputs, inputsOf } from './input.ts'
import { limitHook } from './limit.ts'
import { parsePath } from './path.ts'
import type { Reply } from './reply.ts'
import { formBody } from './request-body.ts'
import type { Responder } from './respond.ts'
import { requireSameOrigin } from './same-origin.ts'
import { makeNonce, pagePolicy } from './security-headers.ts'
import { byteCount } from './size.ts'

export type AnyPage = Omit<
  PageDefinition<string, Schema | undefined, Schema | undefined, Schema | undefined>,
  'handler'
> & { handler(request: unknown): Reply | Promise<Reply> }

export function servePage(
  native: FastifyInstance,
  definition: AnyPage,
  responder: Responder,
  { random }: Pick<Surroundings, 'random'>,
): void {
  const { params, query, body } = definition
  const where = `${definition.method} ${definition.path}`
  const inputs = inputsOf({ params, query, body }, ['params', 'query', 'body'], where)
  const withForm = definition.method !== 'GET'
  native.route({
    method: definition.method,
    url: parsePath(definition.path).text,
    config: { page: true },
    ...(definition.bodyLimit === undefined
      ? {}
      : { bodyLimit: byteCount(definition.bodyLimit, 'bodyLimit') }),
    ...(definition.limit && { onRequest: limitHook(definition.limit, responder) }),
    handler(request, reply) {
      responder.run(request, reply, async () => {
        requireSameOrigin(request)
        let nonce: string | undefined
        const parts = {
          params: request.params as unknown,
          query: request.query as unknown,
          headers: request.headers as unknown,
          body: withForm ? (formBody(request) as unknown) : {},
        }
        await checkInputs(inputs, parts)
        const { exchange } = request
        const answer = await definition.handler({
          ...parts,
          requestId: request.id,
          lastEventId: exchange.header('last-event-id'),
          get nonce() {
            nonce ??= makeNonce(random)
            return nonce
          },
          get signal() {
            return exchange.signal
          },
        })
        reply.header('content-security-policy', definition.contentSecurityPolicy ?? pagePolicy(nonce))
        reply.header('referrer-policy', 'same-origin')
        return answer
      })
    },
  })
}
