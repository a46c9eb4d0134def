import type { HttpResponse } from '../ports/http-client.ts'
import { retryAfterMs } from './retry-after.ts'

/**
 * How long a server asks its client to wait before the next request: `Retry-After` of a 429 or 503, or a `RateLimit` field with nothing left
 * (draft-ietf-httpapi-ratelimit-headers-11; of several policies, the longest). `undefined` when it does not ask.
 */
export function pauseMs({ status, headers }: HttpResponse, now: number): number | undefined {
  const asked = status === 429 || status === 503 ? retryAfterMs(headers['retry-after'], now) : undefined
  // `Retry-After` has the last word.
  return asked ?? exhaustedMs(headers.ratelimit)
}

function exhaustedMs(field: string | undefined): number | undefined {
  if (field === undefined) return undefined
  let longest: number | undefined
  // Names are strings of RFC 9651, which may hold commas and semicolons.
  for (const [, parameters] of field.matchAll(/"(?:[^"\\]|\\.)*"((?:\s*;[^,";]*)*)/g)) {
    const left = parameter(parameters!, 'r')
    const seconds = parameter(parameters!, 't')
    if (left !== 0 || seconds === undefined) continue
    longest = Math.max(longest ?? 0, seconds * 1_000)
  }
  return longest
}

function parameter(parameters: string, name: string): number | undefined {
  const found = new RegExp(`;\\s*${name}=(\\d{1,15})(?=\\s*(?:;|$))`).exec(parameters)
  return found ? Number(found[1]) : undefined
}
