import { type ErrorCode, InfrastructureError } from '../ports/errors.ts'
import type { HttpRequest, HttpResponse } from '../ports/http-client.ts'
import type { StandingHeader } from './credentials.ts'
import type { Phase, TransportFailure } from './driver.ts'
import { describeRequest, scrub } from './redaction.ts'
import { retryAfterMs } from './retry-after.ts'

/** Whether the same request may get another answer later. */
export function isTransient(status: number): boolean {
  return [408, 425, 429, 500, 502, 503, 504].includes(status)
}

/** The error of an answer whose status is no success, with its problem details (RFC 9457) when it has some. */
export function statusError(
  request: HttpRequest,
  response: HttpResponse,
  standing: readonly StandingHeader[],
  now: number,
): InfrastructureError {
  const { status } = response
  const description = describeRequest(request)
  const body = readErrorBody(request, response, standing)
  const problem = isProblem(response, body) ? body : undefined
  const said = problem ? (problem.detail ?? problem.title) : undefined
  const answered = `${description.method} ${description.url} answered ${status}`
  const message = isRedirect(status)
    ? `${answered}, a redirect${redirectTarget(request, response)}. Redirects are not followed: when you trust that address, make a client for it.`
    : `${answered}${typeof said === 'string' ? `: ${said.replace(/\.$/, '')}` : ''}.`
  const wait = retryAfterMs(response.headers['retry-after'], now)
  return new InfrastructureError(codeOfStatus(status), message, {
    retry: isTransient(status) && (request.repeatable || status === 429) ? 'later' : 'never',
    ...(wait !== undefined && { retryAfterMs: wait }),
    details: { ...description, status, body, ...(problem && { problem }) },
  })
}

/** The error of a request that got no answer. */
export function failureError(request: HttpRequest, failure: TransportFailure): InfrastructureError {
  const description = describeRequest(request)
  const { phase, cause } = failure
  const outcome = outcomeOf(phase)
  const details = { ...description, phase, outcome }
  const what = `${description.method} ${description.url}`
  switch (failure.reason) {
    case 'aborted':
      return new InfrastructureError('cancelled', `${what} was cancelled while ${doing[phase]}.`, {
        cause,
        details,
      })
    case 'too_large':
      return new InfrastructureError(
        'resource_exhausted',
        `${what} answered more than the client accepts. Raise maxResponseBytes, or ask for less.`,
        { details },
      )
    case 'connection':
      return new InfrastructureError(
        'unavailable',
        `${what} failed while ${doing[phase]}: ${reasonOf(cause)}. Check the address, the network and the service.`,
        { cause, retry: mayRepeat(request, phase) ? 'later' : 'never', details },
      )
  }
}

/** The error of a request that was given up because its time was over. */
export function deadlineError(
  request: HttpRequest,
  timeoutMs: number,
  cancellation: InfrastructureError,
): InfrastructureError {
  const description = describeRequest(request)
  const phase = cancellation.details.phase as Phase | undefined
  const outcome = phase === undefined ? {} : { phase, outcome: outcomeOf(phase) }
  return new InfrastructureError(
    'deadline_exceeded',
    `${description.method} ${description.url} took longer than ${Math.round(timeoutMs)} ms${phase ? ` (${doing[phase]})` : ''}.`,
    {
      retry: phase === undefined || mayRepeat(request, phase) ? 'later' : 'never',
      details: { ...description, timeoutMs: Math.round(timeoutMs), ...outcome },
    },
  )
}

const doing: Readonly<Record<Phase, string>> = {
  connect: 'connecting',
  request: 'sending the request',
  response: 'waiting for the answer',
  body: 'reading the answer',
}

const outcomeOf = (phase: Phase): 'not_sent' | 'unknown' => (phase === 'connect' ? 'not_sent' : 'unknown')

const mayRepeat = (request: HttpRequest, phase: Phase): boolean => request.repeatable || phase === 'connect'

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'the connection was lost'
  // Of several addresses that were tried, each has its own error, and the sum of them has no message.
  const native = cause instanceof AggregateError ? cause.errors[0] : cause
  const inner = native instanceof TypeError && native.cause instanceof Error ? native.cause : native
  const code = inner && 'code' in inner ? `${String(inner.code)} ` : ''
  return `${code}${inner?.message ?? ''}`.trim() || 'the connection was lost'
}

const isRedirect = (status: number): boolean =>
  status === 0 || (status >= 300 && status < 400 && status !== 304)

function redirectTarget(request: HttpRequest, response: HttpResponse): string {
  const { location } = response.headers
  const target = location && URL.parse(location, request.url.href)
  return target ? ` to ${target.origin}${target.pathname}` : ''
}

const shownBytes = 4_096

function readErrorBody(
  request: HttpRequest,
  response: HttpResponse,
  standing: readonly StandingHeader[],
): unknown {
  if (response.body.length === 0) return undefined
  const whole = response.body.length <= shownBytes * 4
  const text = scrub(new TextDecoder().decode(response.body), request, standing)
  if (whole && /\bjson\b/.test(response.headers['content-type'] ?? '')) {
    try {
      return JSON.parse(text)
    } catch {
      // It is shown as the text that it is.
    }
  }
  return text.length > shownBytes ? `${text.slice(0, shownBytes)}…` : text
}

function isProblem(response: HttpResponse, body: unknown): body is Readonly<Record<string, unknown>> {
  const type = response.headers['content-type'] ?? ''
  return type.startsWith('application/problem+json') && typeof body === 'object' && body !== null
}

/** How an answer that is no success is to be understood. */
function codeOfStatus(status: number): ErrorCode {
  return codes[status] ?? (status >= 500 ? 'unavailable' : status >= 400 ? 'invalid_argument' : 'unsupported')
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  408: 'deadline_exceeded',
  409: 'conflict',
  410: 'not_found',
  412: 'precondition_failed',
  425: 'unavailable',
  428: 'precondition_failed',
  429: 'rate_limited',
  501: 'unsupported',
  505: 'unsupported',
}
