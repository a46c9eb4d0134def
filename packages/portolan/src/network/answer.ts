import { InfrastructureError } from '../ports/errors.ts'
import type { HttpRequest, HttpResponse } from '../ports/http-client.ts'
import type { Schema } from '../ports/schema.ts'
import { check, issuesText } from '../runtime/validation.ts'
import { describeRequest } from './redaction.ts'

const utf8 = new TextDecoder()

/**
 * What a successful answer says: its JSON, checked by the schema when there is one; `undefined` when it is empty.
 *
 * @throws InfrastructureError `internal`: the other side does not keep to its interface, and asking again will not help.
 */
export async function decodeAnswer<T>(
  request: HttpRequest,
  response: HttpResponse,
  schema: Schema<T> | undefined,
): Promise<T> {
  let value: unknown
  if (response.body.length > 0) {
    try {
      value = JSON.parse(utf8.decode(response.body))
    } catch {
      const type = response.headers['content-type'] ?? 'no content type'
      throw unexpected(request, response, `which is not JSON (${type}). Use send() for other content`)
    }
  }
  if (!schema) return value as T
  const result = await check(schema, value)
  if (result.ok) return result.value
  const { issues } = result
  throw unexpected(request, response, `which is not what was expected: ${issuesText(issues)}`, { issues })
}

function unexpected(
  request: HttpRequest,
  { status }: HttpResponse,
  how: string,
  details: Readonly<Record<string, unknown>> = {},
): InfrastructureError {
  const description = describeRequest(request)
  return new InfrastructureError(
    'internal',
    `${description.method} ${description.url} answered ${status} with a body ${how}.`,
    { details: { ...description, status, ...details } },
  )
}
