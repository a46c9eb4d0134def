import { InfrastructureError } from '../../ports/errors.ts'
import type { HttpRequest, Interceptor } from '../../ports/http-client.ts'
import type { RateLimiter } from '../../ports/limits.ts'
import type { Clock } from '../../ports/time.ts'
import { pauseMs } from '../rate-limit-fields.ts'
import { describeRequest } from '../redaction.ts'

/** A server's wish is heeded for so long at most: a mistake of it must not silence the client for good. */
const longestPauseMs = 60 * 60 * 1_000

export interface RateLimitOptions {
  /** Asked before each attempt, so that the quota which the API grants is not exceeded: by all processes together where they share its store. */
  readonly limiter?: RateLimiter
  /** Whose quota a request takes from. Default: the origin of the API. */
  readonly key?: (request: HttpRequest) => string
  /** Whether all requests pause when the server says that nothing is left, in `RateLimit` or in the `Retry-After` of a 429 or 503. Default `true`. */
  readonly heedServer?: boolean
}

/**
 * Sends nothing while the quota is used up: waits as long as it must, if the time of the call allows it, and else fails at once with
 * `rate_limited`, `details.outcome: 'not_sent'`.
 */
export function rateLimit(
  { limiter, key = ({ url }) => url.origin, heedServer = true }: RateLimitOptions,
  clock: Clock,
): Interceptor {
  let pausedUntil = -Infinity

  async function wait(request: HttpRequest, waitMs: number): Promise<void> {
    if (clock.monotonic() + waitMs >= request.deadline) throw tooMany(request, waitMs)
    await clock.sleep(waitMs, request.signal)
  }

  return async (request, next) => {
    for (let left = pausedUntil - clock.monotonic(); left > 0; left = pausedUntil - clock.monotonic())
      await wait(request, left)
    if (limiter) {
      const who = key(request)
      for (let limit = await limiter.take(who); !limit.allowed; limit = await limiter.take(who))
        await wait(request, limit.retryAfterMs)
    }
    const response = await next(request)
    if (heedServer) {
      const asked = pauseMs(response, clock.now())
      if (asked !== undefined)
        pausedUntil = Math.max(pausedUntil, clock.monotonic() + Math.min(asked, longestPauseMs))
    }
    return response
  }
}

function tooMany(request: HttpRequest, waitMs: number): InfrastructureError {
  const details = describeRequest(request)
  return new InfrastructureError(
    'rate_limited',
    `${details.method} ${details.url} was not sent: the quota is used up for another ${Math.ceil(waitMs)} ms.`,
    { retry: 'later', retryAfterMs: Math.ceil(waitMs), details: { ...details, outcome: 'not_sent' } },
  )
}
