import { InfrastructureError } from '../ports/errors.ts'
import type {
  HttpClient,
  HttpMethod,
  HttpRequest,
  HttpResponse,
  Interceptor,
  RequestOptions,
} from '../ports/http-client.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { decodeAnswer } from './answer.ts'
import type { StandingHeader } from './credentials.ts'
import { type Transport, TransportFailure } from './driver.ts'
import { failureError, statusError } from './errors.ts'
import { deadline } from './interceptors/deadline.ts'
import { type RateLimitOptions, rateLimit } from './interceptors/rate-limit.ts'
import { type RetryOptions, retry } from './interceptors/retry.ts'
import { standingHeaders } from './interceptors/standing-headers.ts'
import { telemetry } from './interceptors/telemetry.ts'
import { describeRequest } from './redaction.ts'
import { checkBase, makeRequest } from './request.ts'
import { platformTransport } from './transport.ts'

export interface HttpClientOptions extends Partial<Surroundings> {
  /** What every path is appended to, as in `https://api.example.com/v1`. Nothing is ever sent elsewhere. */
  readonly baseUrl: string | URL
  /** `bearer(secret)`, or `header('X-Api-Key', secret)`. */
  readonly auth?: StandingHeader
  /** As in `header('Api-Version', '2026-05')`. */
  readonly version?: StandingHeader
  /** For a call, all its attempts and waits included. Default `'10s'`. */
  readonly timeout?: Duration
  /** `{ attempts: 1 }` never repeats anything. */
  readonly retry?: RetryOptions
  /** Keeps within a quota of your own, and heeds the server's where that is told; `{}` does the latter alone. Default: neither. */
  readonly rateLimit?: RateLimitOptions
  /** Rings of your own, the first outermost. */
  readonly interceptors?: readonly Interceptor[]
  /** Default: undici on Node where it is installed, else `fetch`. One that you give stays yours to close. */
  readonly transport?: Transport
  /** The header of idempotency keys. Default `Idempotency-Key`. */
  readonly idempotencyHeader?: string
  /** Longer answers are given up. Default 16 MiB. */
  readonly maxResponseBytes?: number
}

/** A client that owns its connections. */
export interface OwnedHttpClient extends HttpClient, AsyncDisposable {
  /** Waits for the requests in flight, then releases the connections. Idempotent. */
  close(): Promise<void>
}

/**
 * A client of one API, made once.
 *
 * Its interceptors, from the outermost: deadline → retry → rate limit → (deadline of the attempt) → yours → telemetry → credential and version →
 * the wire. So yours see every attempt, and never the credential; the budget and the deadline hold for all of them together.
 * Redirects are not followed: they come back as an error that names the target.
 *
 * @throws InfrastructureError `invalid_argument` for options that make no sense.
 * @example
 * const payments = httpClient({ baseUrl: 'https://pay.example.com/v1', auth: bearer(secret), timeout: '5s', retry: { attempts: 4 } })
 * const charge = await payments.post('/charges', { body, schema: Charge, idempotencyKey: orderId })
 */
export function httpClient(options: HttpClientOptions): OwnedHttpClient {
  const around = surroundings(options)
  const { clock } = around
  const base = checkBase(options.baseUrl)
  const timeoutMs = milliseconds(options.timeout ?? '10s', 'timeout')
  const maxResponseBytes = options.maxResponseBytes ?? 16 * 1024 * 1024
  const idempotencyHeader = (options.idempotencyHeader ?? 'idempotency-key').toLowerCase()
  const standing = [options.version, options.auth].filter(source => source !== undefined)
  const { transport = platformTransport(), retry: retryOptions = {} } = options

  const run = onion(
    [
      deadline(clock),
      retry(retryOptions, around),
      ...(options.rateLimit ? [rateLimit(options.rateLimit, clock)] : []),
      ...(retryOptions.attemptTimeout === undefined
        ? []
        : [deadline(clock, milliseconds(retryOptions.attemptTimeout, 'retry.attemptTimeout'))]),
      ...(options.interceptors ?? []),
      telemetry(),
      standingHeaders(new URL(base).origin, standing),
    ],
    async request => {
      try {
        return await transport.send(request, maxResponseBytes)
      } catch (error) {
        throw error instanceof TransportFailure ? failureError(request, error) : error
      }
    },
  )

  function prepare(method: HttpMethod, path: string, given: RequestOptions<never>): HttpRequest {
    const ms = given.timeout === undefined ? timeoutMs : milliseconds(given.timeout, 'timeout')
    return makeRequest({ base, idempotencyHeader }, method, path, given, clock.monotonic() + ms)
  }

  async function perform(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await run(request)
    } catch (error) {
      if (InfrastructureError.is(error)) throw error
      const details = describeRequest(request)
      throw new InfrastructureError(
        'internal',
        `${details.method} ${details.url} failed in the client itself.`,
        {
          cause: error,
          details,
        },
      )
    }
  }

  async function call<T>(method: HttpMethod, path: string, given: RequestOptions<T> = {}): Promise<T> {
    const request = prepare(method, path, given as RequestOptions<never>)
    const response = await perform(request)
    if (response.status < 200 || response.status > 299)
      throw statusError(request, response, standing, clock.now())
    return decodeAnswer(request, response, given.schema)
  }

  const close = async () => {
    if (!options.transport) await transport.close()
  }
  return {
    get: (path, given) => call('GET', path, given),
    post: (path, given) => call('POST', path, given),
    put: (path, given) => call('PUT', path, given),
    patch: (path, given) => call('PATCH', path, given),
    delete: (path, given) => call('DELETE', path, given),
    send: async (method, path, given = {}) => perform(prepare(method, path, given)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Next = Parameters<Interceptor>[1]

function onion(rings: readonly Interceptor[], core: Next): Next {
  return rings.reduceRight<Next>((next, ring) => request => ring(request, next), core)
}
