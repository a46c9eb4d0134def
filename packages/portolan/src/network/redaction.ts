import type { HttpRequest } from '../ports/http-client.ts'
import type { StandingHeader } from './credentials.ts'

/** The address without the values of its query: any of them may be a token. */
export function redactUrl(url: URL): string {
  if (!url.search) return url.origin + url.pathname
  const names = [...url.searchParams.keys()].map(name => `${encodeURIComponent(name)}=…`)
  return `${url.origin}${url.pathname}?${names.join('&')}`
}

/** What may be told of a request. */
export function describeRequest(request: HttpRequest): { readonly method: string; readonly url: string } {
  return { method: request.method, url: redactUrl(request.url) }
}

const harmless = new Set([
  'accept',
  'content-type',
  'idempotency-key',
  'traceparent',
  'tracestate',
  'user-agent',
])

/** Text of the other side, in which it may have echoed what only the request should hold. */
export function scrub(text: string, request: HttpRequest, standing: readonly StandingHeader[]): string {
  const secrets = new Set<string>()
  for (const value of request.url.searchParams.values()) secrets.add(value)
  for (const [name, value] of Object.entries(request.headers)) if (!harmless.has(name)) addHeader(value)
  for (const source of standing) if (source.secret) addHeader(source.value())
  function addHeader(value: string): void {
    secrets.add(value)
    // The token of `Bearer …`, and the like.
    secrets.add(value.slice(value.indexOf(' ') + 1))
  }

  let result = text
  // Longest first, for one may hold another. Shorter ones than this are words, not secrets.
  const ordered = [...secrets].filter(({ length }) => length >= 6).sort((a, b) => b.length - a.length)
  for (const secret of ordered) result = result.replaceAll(secret, '[redacted]')
  return result
}
