import type { Schema } from './schema.ts'
import type { Duration } from './time.ts'

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** A request on its way through the interceptors. Immutable: an interceptor hands a changed copy to `next`. */
export interface HttpRequest {
  readonly method: HttpMethod
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Bytes or text, so that it can be sent again. */
  readonly body: string | Uint8Array | undefined
  /** Aborts when the call is given up, by its caller or at its deadline. */
  readonly signal: AbortSignal
  /** When the call is given up, on the clock's monotonic scale: what is not done by then is not worth starting. */
  readonly deadline: number
  /** Whether it may be sent twice: a safe or idempotent method, or an idempotency key. */
  readonly repeatable: boolean
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; several values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** One ring of the onion around the wire: `(request, next) => response`. */
export type Interceptor = (
  request: HttpRequest,
  next: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>

export interface RequestOptions<T> {
  /** Appended to the URL; `undefined` leaves a name out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, or as it is when it is text or bytes. */
  readonly body?: unknown
  /** What a successful answer must look like; without it the decoded JSON is returned as `unknown`. */
  readonly schema?: Schema<T>
  /** Makes the call repeatable: the same key is sent with each attempt (`Idempotency-Key`). */
  readonly idempotencyKey?: string
  /** For this call, all attempts included. Default: the client's. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/**
 * A client of one API. Rejects with `InfrastructureError` alone: `unavailable` (no connection, 5xx), `deadline_exceeded`,
 * `rate_limited`, `invalid_argument`, `unauthenticated`, … with `details: { method, url, status, body }`, redacted; where there was no
 * answer, with `phase` (`connect`, `request`, `response` or `body`) and `outcome` (`not_sent` or `unknown`).
 *
 * @example
 * import type { HttpClient } from 'portolan'
 * import { z } from 'zod'
 *
 * declare const carrier: HttpClient
 * const Parcel = z.object({ id: z.string(), label: z.url() })
 * // The key makes the POST repeatable: an attempt that got no answer is made again.
 * const parcel = await carrier.post('/parcels', { body: { orderId: '42' }, schema: Parcel, idempotencyKey: 'parcel-42' })
 * console.log(parcel.label)
 */
export interface HttpClient {
  get<T = unknown>(path: string, options?: RequestOptions<T>): Promise<T>
  post<T = unknown>(path: string, options?: RequestOptions<T>): Promise<T>
  put<T = unknown>(path: string, options?: RequestOptions<T>): Promise<T>
  patch<T = unknown>(path: string, options?: RequestOptions<T>): Promise<T>
  delete<T = unknown>(path: string, options?: RequestOptions<T>): Promise<T>
  /** The answer itself, whatever its status; through the same interceptors. */
  send(method: HttpMethod, path: string, options?: RequestOptions<never>): Promise<HttpResponse>
}
