import { STATUS_CODES } from 'node:http'
import { type ErrorCode, InfrastructureError } from '../ports/errors.ts'
import type { ValidationIssue } from '../ports/schema.ts'

/** Problem details (RFC 9457), as they are sent. */
export interface Problem {
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Stable, for programs: an `ErrorCode`, or one of the protocol's own such as `method_not_allowed`. */
  readonly code: string
  /** What to quote when asking for help: the log has it too. */
  readonly requestId: string
  readonly issues?: readonly ValidationIssue[]
}

/** A problem, and the headers that go with it. */
export interface ProblemAnswer {
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>
}

const statusOf: Readonly<Record<ErrorCode, number>> = {
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  precondition_failed: 412,
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  rate_limited: 429,
  resource_exhausted: 507,
  deadline_exceeded: 504,
  // What servers log for a client that gave up; it is rarely read by anyone.
  cancelled: 499,
  unavailable: 503,
  unsupported: 501,
  data_loss: 500,
  internal: 500,
}

/** Told instead of the error's own message, which may name tables, hosts or files. */
const publicDetail: Readonly<Record<number, string>> = {
  500: 'Something went wrong on our side. Quote the request id when you report it.',
  501: 'This is not supported here.',
  502: 'A service that this depends on refused the request. Quote the request id when you report it.',
  503: 'Temporarily unavailable. Try again.',
  504: 'It took too long. Try again.',
  507: 'No room to store this. Try again later.',
}

/** An error of the protocol itself: what a router or a body parser refuses. */
export class HttpProblem extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'HttpProblem'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** What to tell the client about `error`. Of anything that is not the client's doing, no more than its status. */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  if (InfrastructureError.is(error)) return ofInfrastructure(error, requestId)
  if (error instanceof HttpProblem) {
    return { problem: problem(error.status, error.code, error.message, requestId), headers: error.headers }
  }
  const known = ofFastify(error)
  if (known) return { problem: problem(known.status, known.code, known.message, requestId), headers: {} }
  return { problem: problem(500, 'internal', publicDetail[500]!, requestId), headers: {} }
}

function ofInfrastructure(error: InfrastructureError, requestId: string): ProblemAnswer {
  const status = statusFor(error)
  const code = status === 502 ? 'bad_gateway' : error.code
  const answer = problem(status, code, publicDetail[status] ?? error.message, requestId)
  const issues = error.details.issues
  return {
    problem: status === 400 && Array.isArray(issues) ? { ...answer, issues } : answer,
    headers:
      status === 429 || status === 503
        ? { 'retry-after': String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1000) / 1000))) }
        : {},
  }
}

function statusFor(error: InfrastructureError): number {
  if (error.code === 'resource_exhausted' && error.retry === 'later') return 503
  const status = statusOf[error.code]
  // An error of our own HTTP client: that another service refused us is not the doing of our client, nor its business where it is.
  const ours = status < 500 && 'url' in error.details && error.code !== 'rate_limited'
  return ours ? 502 : status
}

const fastifyProblems: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is larger than this address accepts.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The Content-Type is not understood.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'The body is no valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'The body is empty where JSON is expected.'],
  FST_ERR_BAD_URL: ['invalid_request', 'The address is not validly encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['uri_too_long', 'A part of the address is too long.'],
}

/** Errors of Fastify and its plugins carry a status; those below 500 are meant for the client. */
function ofFastify(error: unknown): { status: number; code: string; message: string } | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const status = error.statusCode
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined
  const code = 'code' in error ? String(error.code) : ''
  const known = fastifyProblems[code]
  if (known) return { status, code: known[0], message: known[1] }
  return { status, code: 'invalid_request', message: error.message }
}

function problem(status: number, code: string, detail: string, requestId: string): Problem {
  return { title: titleOf(status), status, detail, code, requestId }
}

export function titleOf(status: number): string {
  return status === 499 ? 'Client Closed Request' : (STATUS_CODES[status] ?? 'Error')
}
