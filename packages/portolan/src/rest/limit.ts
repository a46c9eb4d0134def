import type { FastifyReply, FastifyRequest } from 'fastify'
import { InfrastructureError } from '../ports/errors.ts'
import type { RateLimit, RateLimiter } from '../ports/limits.ts'
import type { Responder } from './respond.ts'

/** What a limit knows of a request: its body has not been read yet. */
export interface LimitedRequest {
  readonly method: string
  /** As in `/v1/orders/:id`; `undefined` where there is no such address. */
  readonly route: string | undefined
  /** The client's; see `trustedProxies`. */
  readonly address: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * How often a client may ask. Each answer tells it in `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11); beyond it
 * the answer is a problem 429 with `Retry-After`.
 */
export interface HttpLimit {
  readonly limiter: RateLimiter
  /** Who shares a quota; `undefined` is not limited. Default: the client's address. */
  readonly key?: (request: LimitedRequest) => string | undefined
  /** Units that a request takes. Default 1. */
  readonly cost?: (request: LimitedRequest) => number
}

type Hook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

export function limitHook(
  { limiter, key = addressOf, cost = () => 1 }: HttpLimit,
  responder: Responder,
): Hook {
  const policy = `${quoted(limiter.name)};q=${Math.floor(limiter.policy.limit)};w=${seconds(limiter.policy.windowMs)}`

  async function allows(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const { method, headers, ip: address, routeOptions } = request
    const seen = { method, headers, address, route: routeOptions.url }
    const who = key(seen)
    if (who === undefined) return true
    const limit = await limiter.take(who, cost(seen))
    if (limit.counted) {
      append(reply, 'ratelimit-policy', policy)
      append(reply, 'ratelimit', stateOf(limiter.name, limit))
    }
    if (limit.allowed) return true
    throw new InfrastructureError(
      'rate_limited',
      `Too many requests. Try again in ${seconds(limit.retryAfterMs)} seconds.`,
      { retry: 'later', retryAfterMs: limit.retryAfterMs },
    )
  }

  return (request, reply, done) => {
    allows(request, reply).then(
      () => done(),
      error => responder.fail(request, reply, error),
    )
  }
}

function addressOf({ address }: LimitedRequest): string {
  return address
}

/** While it is refused, `t` is no earlier than `Retry-After`. */
function stateOf(name: string, { allowed, remaining, retryAfterMs, resetMs }: RateLimit): string {
  return `${quoted(name)};r=${remaining};t=${seconds(allowed ? resetMs : retryAfterMs)}`
}

/** Several limits of one request make a list. */
function append(reply: FastifyReply, name: string, value: string): void {
  const before = reply.getHeader(name)
  reply.header(name, before === undefined ? value : `${before}, ${value}`)
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}

/** A string of RFC 9651; names of limiters have no characters that must be escaped. */
function quoted(name: string): string {
  return `"${name}"`
}
