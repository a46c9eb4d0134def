/** What went wrong, in terms that mean the same for every engine. Stable: code may branch on them. */
export type ErrorCode =
  | 'not_found'
  | 'already_exists'
  | 'conflict'
  | 'precondition_failed'
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'rate_limited'
  | 'resource_exhausted'
  | 'deadline_exceeded'
  | 'cancelled'
  | 'unavailable'
  | 'unsupported'
  | 'data_loss'
  | 'internal'

/**
 * Whether the same call may be made again: `never`; `now` (a deadlock, a serialization failure);
 * `later` (unavailable or rate limited, after `retryAfterMs` when the other side said so).
 */
export type Retry = 'never' | 'now' | 'later'

export interface InfrastructureErrorOptions {
  /** The native error of the engine. */
  cause?: unknown
  /** Default `never`. */
  retry?: Retry
  /** Milliseconds that the other side asked to wait. */
  retryAfterMs?: number
  /** Facts for programs: constraint and columns, validation issues, status codes. Never a secret. */
  details?: Readonly<Record<string, unknown>>
}

const brand = Symbol.for('portolan.InfrastructureError')

/**
 * The one error that every port raises.
 *
 * @example
 * try {
 *   await carts.save(cart)
 * } catch (error) {
 *   if (InfrastructureError.is(error, 'conflict')) return 'Somebody else changed this cart.'
 *   throw error
 * }
 */
export class InfrastructureError extends Error {
  readonly code: ErrorCode
  readonly retry: Retry
  readonly retryAfterMs: number | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: InfrastructureErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'InfrastructureError'
    this.code = code
    this.retry = options.retry ?? 'never'
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details ?? {}
    // A registered symbol, so that the check survives two copies of the package in one process.
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether `error` is an infrastructure error, of `code` when one is given. */
  static is(error: unknown, code?: ErrorCode): error is InfrastructureError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false
    return code === undefined || ('code' in error && error.code === code)
  }
}
