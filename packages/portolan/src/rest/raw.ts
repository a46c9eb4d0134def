import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RawDefinition, RawHeaders, RawQuery, RawRequest } from './declarations.ts'
import { limitHook } from './limit.ts'
import { parsePath } from './path.ts'
import { bodyBytes } from './request-body.ts'
import type { Responder } from './respond.ts'
import { byteCount } from './size.ts'

export function serveRaw(
  native: FastifyInstance,
  definition: RawDefinition<string>,
  responder: Responder,
): void {
  const { handler } = definition
  native.route({
    method: definition.method,
    url: parsePath(definition.path).text,
    ...(definition.bodyLimit === undefined
      ? {}
      : { bodyLimit: byteCount(definition.bodyLimit, 'bodyLimit') }),
    ...(definition.limit && { onRequest: limitHook(definition.limit, responder) }),
    handler(request, reply) {
      responder.run(request, reply, () => handler(new IncomingRequest(request)))
    },
  })
}

/** Getters, so that a webhook pays only for what it reads. */
class IncomingRequest implements RawRequest<string> {
  readonly #request: FastifyRequest

  constructor(request: FastifyRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method
  }
  get params(): Readonly<Record<string, string>> {
    return this.#request.params as Readonly<Record<string, string>>
  }
  get query(): RawQuery {
    return this.#request.query as RawQuery
  }
  get headers(): RawHeaders {
    return this.#request.headers
  }
  get rawBody(): Uint8Array {
    return bodyBytes(this.#request)
  }
  get requestId(): string {
    return this.#request.id
  }
  get signal(): AbortSignal {
    return this.#request.exchange.signal
  }
}
