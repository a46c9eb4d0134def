import type { FastifyInstance } from 'fastify'
import { InfrastructureError } from '../ports/errors.ts'
import type { Schema } from '../ports/schema.ts'
import { check, issuesText } from '../runtime/validation.ts'
import { propertiesOf } from './coercion.ts'
import type { Responses, RouteDefinition } from './declarations.ts'
import { checkInputs, type Input, inputsOf } from './input.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'
import { limitHook } from './limit.ts'
import { type PathPattern, parsePath } from './path.ts'
import { Reply } from './reply.ts'
import { jsonBody } from './request-body.ts'
import type { Responder } from './respond.ts'
import { byteCount } from './size.ts'

/** A route with its schemas resolved: what serving and documenting it need. */
export interface Operation {
  readonly definition: AnyRoute
  readonly path: PathPattern
  readonly inputs: readonly Input[]
  readonly outputs: ReadonlyMap<number, JsonSchema | null>
  /** The status of a plain result. */
  readonly successStatus: number
}

// A union of all routes; the method's bivariance would hide nothing here, as the handler is called with checked parts.
export type AnyRoute = Omit<
  RouteDefinition<
    string,
    Schema | undefined,
    Schema | undefined,
    Schema | undefined,
    Schema | undefined,
    Responses | undefined
  >,
  'handler'
> & { handler(request: unknown): unknown }

/** @throws InfrastructureError `unsupported` or `invalid_argument` for a declaration that cannot be served. */
export function operationOf(definition: AnyRoute): Operation {
  if (!Number.isInteger(definition.version) || definition.version < 1) {
    throw invalid(`${definition.path}: the version must be a whole number from 1 on.`)
  }
  const path = parsePath(`/v${definition.version}${definition.path}`)
  const where = `${definition.method} ${path.text}`
  const { params, query, headers, body } = definition
  if (body && (definition.method === 'GET' || definition.method === 'DELETE')) {
    throw invalid(`${where}: a ${definition.method} has no body. Use the query, or another method.`)
  }
  const inputs = inputsOf({ params, query, headers, body }, ['params', 'query', 'headers'], where)
  requireSameNames(path, inputs, where)
  const outputs = new Map<number, JsonSchema | null>()
  for (const [status, schema] of Object.entries(definition.responses ?? {})) {
    outputs.set(Number(status), schema && jsonSchemaOf(schema, 'output', `${where}, response ${status}`))
  }
  const successStatus = [200, 201, 202, 204].find(status => outputs.has(status)) ?? 200
  return { definition, path, inputs, outputs, successStatus }
}

export function serveOperation(native: FastifyInstance, operation: Operation, responder: Responder): void {
  const { definition, path, inputs } = operation
  const parseBody = definition.body ? jsonBody(native) : undefined
  const headers: Readonly<Record<string, string>> = {
    'cache-control': 'no-store',
    ...deprecationHeaders(definition),
  }
  native.route({
    method: definition.method,
    url: path.text,
    ...(definition.bodyLimit === undefined
      ? {}
      : { bodyLimit: byteCount(definition.bodyLimit, 'bodyLimit') }),
    ...(definition.limit && { onRequest: limitHook(definition.limit, responder) }),
    handler(request, reply) {
      responder.run(request, reply, async () => {
        for (const name in headers) reply.header(name, headers[name])
        const parts = {
          params: request.params as unknown,
          query: request.query as unknown,
          headers: request.headers as unknown,
          body: parseBody?.(request),
        }
        await checkInputs(inputs, parts)
        const { exchange } = request
        const result = await definition.handler({
          ...parts,
          requestId: request.id,
          get signal() {
            return exchange.signal
          },
        })
        return encode(operation, result)
      })
    },
  })
}

/** The result as a reply, its body as the declared schema yields it. */
async function encode({ definition, path, successStatus }: Operation, result: unknown): Promise<Reply> {
  const answer = Reply.is(result)
    ? result
    : new Reply(successStatus, result, {}, result === undefined ? 'empty' : 'json')
  const schema = definition.responses?.[answer.status]
  if (!schema || (answer.kind !== 'json' && answer.kind !== 'empty')) return answer
  const checked = await check(schema, answer.body)
  if (checked.ok) return new Reply(answer.status, checked.value, answer.headers, 'json')
  throw new InfrastructureError(
    'internal',
    `${definition.method} ${path.text} answered ${answer.status} with a body that its schema refuses: ${issuesText(checked.issues)}`,
  )
}

function requireSameNames(path: PathPattern, inputs: readonly Input[], where: string): void {
  const params = inputs.find(input => input.part === 'params')
  if (!params) return
  const declared = Object.keys(propertiesOf(params.json))
  const missing = path.params.filter(name => !declared.includes(name))
  const unknown = declared.filter(name => !path.params.includes(name))
  if (missing.length + unknown.length === 0) return
  throw invalid(
    `${where}: the path names [${path.params.join(', ')}], the params schema [${declared.join(', ')}]. Make them the same.`,
  )
}

function deprecationHeaders({ deprecated }: AnyRoute): Readonly<Record<string, string>> {
  if (!deprecated) return {}
  const { since, sunset, successor } = deprecated
  return {
    deprecation: `@${Math.floor(since.getTime() / 1000)}`,
    ...(sunset ? { sunset: sunset.toUTCString() } : {}),
    ...(successor === undefined ? {} : { link: `<${successor}>; rel="successor-version"` }),
  }
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
