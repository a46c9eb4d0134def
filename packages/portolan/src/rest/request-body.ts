import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.ts'

/** Turns the bytes of a request into a value. */
export type BodyParser = (request: FastifyRequest) => unknown

/** Accepts `application/json` and every `+json` type; refuses keys that would reach a prototype. */
export function jsonBody(native: FastifyInstance): BodyParser {
  // Fastify's own parser: it keeps `__proto__` and `constructor.prototype` out.
  const parse = native.getDefaultJsonParser('error', 'error')
  return request => {
    const bytes = bodyBytes(request)
    if (bytes.length === 0) return undefined
    requireType(request, /^application\/(?:[\w.+-]+\+)?json$/i, 'application/json')
    let outcome: unknown
    let failure: Error | null = null
    // Synchronous, although it reports through a callback.
    parse(request, bytes.toString('utf8'), (error, value) => {
      failure = error
      outcome = value
    })
    if (failure) throw failure
    return outcome
  }
}

/** The fields of an HTML form (`application/x-www-form-urlencoded`); a name that comes twice holds a list. */
export const formBody: BodyParser = request => {
  const bytes = bodyBytes(request)
  const fields: Record<string, string | string[]> = Object.create(null)
  if (bytes.length === 0) return fields
  requireType(request, /^application\/x-www-form-urlencoded$/i, 'application/x-www-form-urlencoded')
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    const known = fields[name]
    if (known === undefined) fields[name] = value
    else if (typeof known === 'string') fields[name] = [known, value]
    else known.push(value)
  }
  return fields
}

const nothing = Buffer.alloc(0)

/** The bytes of the body as they came; empty when there was none. */
export function bodyBytes(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : nothing
}

function requireType(request: FastifyRequest, accepted: RegExp, name: string): void {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';')
  if (accepted.test(mediaType.trim())) return
  throw new HttpProblem(415, 'unsupported_media_type', `Send the body as ${name}.`, { accept: name })
}
