import { InfrastructureError } from '../ports/errors.ts'
import type { HttpMethod, HttpRequest, RequestOptions } from '../ports/http-client.ts'
import { checkHeader } from './credentials.ts'

/** What all requests of a client have in common. */
export interface RequestDefaults {
  /** Without a slash at its end. */
  readonly base: string
  readonly idempotencyHeader: string
}

/** Methods that a server must treat alike however often they come (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<HttpMethod> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** Never aborts: the signal of a call whose caller gave none. */
export const never: AbortSignal = new AbortController().signal

/**
 * A request as it enters the interceptors.
 *
 * @throws InfrastructureError `invalid_argument` for a path that leads out of the base address, or a header that HTTP does not carry.
 */
export function makeRequest(
  { base, idempotencyHeader }: RequestDefaults,
  method: HttpMethod,
  path: string,
  { query, headers: given, body, idempotencyKey, signal }: RequestOptions<never>,
  deadline: number,
): HttpRequest {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'portolan' }
  let content: string | Uint8Array | undefined
  if (typeof body === 'string') {
    content = body
    headers['content-type'] = 'text/plain;charset=UTF-8'
  } else if (body instanceof Uint8Array) {
    content = body
    headers['content-type'] = 'application/octet-stream'
  } else if (body !== undefined) {
    content = toJson(body)
    headers['content-type'] = 'application/json'
  }
  for (const name in given) headers[name.toLowerCase()] = checkHeader(name, given[name]!)
  if (idempotencyKey !== undefined)
    headers[idempotencyHeader] = checkHeader(idempotencyHeader, idempotencyKey)
  return {
    method,
    url: makeUrl(base, path, query),
    headers,
    body: content,
    signal: signal ?? never,
    deadline,
    repeatable: idempotencyKey !== undefined || idempotent.has(method),
  }
}

function toJson(body: unknown): string {
  try {
    return JSON.stringify(body)
  } catch (cause) {
    throw new InfrastructureError(
      'invalid_argument',
      'The body cannot be written as JSON: it has a cycle or a bigint. Convert it first.',
      { cause },
    )
  }
}

function makeUrl(base: string, path: string, query: RequestOptions<never>['query']): URL {
  const url = URL.parse(path.startsWith('/') || path === '' ? base + path : `${base}/${path}`)
  // After the parser has resolved `..` and the like.
  const below = url?.href.startsWith(base) && /^([/?]|$)/.test(url.href.slice(base.length))
  if (!url || !below || url.hash)
    throw new InfrastructureError(
      'invalid_argument',
      `The path '${path.split('?')[0]}' is not below ${base}. Give a path, without a fragment; make another client for another address.`,
    )
  for (const name in query) {
    const value = query[name]
    if (value !== undefined) url.searchParams.append(name, String(value))
  }
  return url
}

/**
 * The base address of a client, without a slash at its end.
 *
 * @throws InfrastructureError `invalid_argument` when it is no plain HTTP address. It is not shown: it may hold a password.
 */
export function checkBase(baseUrl: string | URL): string {
  const url = URL.parse(String(baseUrl))
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash)
    return url.origin + url.pathname.replace(/\/+$/, '')
  throw new InfrastructureError(
    'invalid_argument',
    "baseUrl is not an address such as 'https://api.example.com/v1': it starts with http(s)://, and has no user, password, query or fragment. Give credentials as 'auth'.",
  )
}
