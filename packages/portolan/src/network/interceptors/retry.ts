import { InfrastructureError } from '../../ports/errors.ts'
import type { HttpRequest, HttpResponse, Interceptor } from '../../ports/http-client.ts'
import type { Duration } from '../../ports/time.ts'
import { milliseconds } from '../../runtime/duration.ts'
import type { Surroundings } from '../../runtime/surroundings.ts'
import { isTransient } from '../errors.ts'
import { describeRequest } from '../redaction.ts'
import { retryAfterMs } from '../retry-after.ts'
import { type RetryBudget, retryBudget } from '../retry-budget.ts'

export interface RetryOptions {
  /** How often a request is sent at most, the first time included. Default 3; 1 never retries. */
  readonly attempts?: number
  /** The first wait is a random part of this; each further one of twice as much. Default `'100ms'`. */
  readonly from?: Duration
  /** No wait is longer, unless the server asks for it. Default `'5s'`. */
  readonly to?: Duration
  /** For a single attempt, so that one that hangs leaves time for another. Default: all the time of the call. */
  readonly attemptTimeout?: Duration
}

/**
 * Repeats what may be repeated and may fare better: after a lost connection, a timeout, or an answer of 408, 425, 429, 500, 502, 503 or 504.
 * Waits exponentially longer with full jitter, or as long as `Retry-After` says. Gives up with the last failure as soon as the attempts,
 * the budget of the client or the time of the call do not allow another.
 */
export function retry(
  options: RetryOptions,
  { clock, random, logger }: Surroundings,
  budget: RetryBudget = retryBudget(),
): Interceptor {
  const attempts = options.attempts ?? 3
  const fromMs = milliseconds(options.from ?? '100ms', 'retry.from')
  const toMs = milliseconds(options.to ?? '5s', 'retry.to')
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new InfrastructureError(
      'invalid_argument',
      `retry.attempts: ${attempts} is no count. Give 1 or more.`,
    )

  /** How long to wait before the next attempt; `undefined` when there is to be none. */
  function waitBefore(request: HttpRequest, attempt: number, outcome: Outcome): number | undefined {
    if (attempt >= attempts || !request.repeatable || outcome.kind === 'final') return undefined
    const backoff = random.next() * Math.min(toMs, fromMs * 2 ** (attempt - 1))
    const wait = Math.max(backoff, outcome.afterMs ?? 0)
    if (clock.monotonic() + wait >= request.deadline) return undefined
    return budget.take(outcome.kind) ? wait : undefined
  }

  return async (request, next) => {
    for (let attempt = 1; ; attempt++) {
      let response: HttpResponse | undefined
      let error: unknown
      try {
        response = await next(request)
        if (!isTransient(response.status)) {
          budget.succeeded()
          return response
        }
      } catch (thrown) {
        error = thrown
      }
      const outcome = response ? ofResponse(response, clock.now()) : ofError(error)
      const waitMs = waitBefore(request, attempt, outcome)
      if (waitMs === undefined) {
        if (response) return response
        throw error
      }
      logger.warn('An HTTP request is sent again', {
        ...describeRequest(request),
        attempt: attempt + 1,
        waitMs: Math.round(waitMs),
        ...(response ? { status: response.status } : { error }),
      })
      await clock.sleep(waitMs, request.signal)
    }
  }
}

interface Outcome {
  readonly kind: 'final' | 'retry' | 'timeout'
  readonly afterMs?: number | undefined
}

function ofResponse({ status, headers }: HttpResponse, now: number): Outcome {
  const kind = status === 408 || status === 504 ? 'timeout' : 'retry'
  return { kind, afterMs: retryAfterMs(headers['retry-after'], now) }
}

function ofError(error: unknown): Outcome {
  if (!InfrastructureError.is(error) || error.retry === 'never') return { kind: 'final' }
  return { kind: error.code === 'deadline_exceeded' ? 'timeout' : 'retry', afterMs: error.retryAfterMs }
}
