import { InfrastructureError } from '../../ports/errors.ts'
import type { Interceptor } from '../../ports/http-client.ts'
import type { Clock } from '../../ports/time.ts'
import { deadlineError } from '../errors.ts'
import { never } from '../request.ts'

/**
 * Gives the call up at its deadline, or `withinMs` from now when that is sooner: as `deadline_exceeded`, with the phase that it was in.
 * One timer and one controller a call stand for the deadline and the caller's signal together.
 */
export function deadline(clock: Clock, withinMs = Number.POSITIVE_INFINITY): Interceptor {
  return async (request, next) => {
    const now = clock.monotonic()
    const timeoutMs = Math.min(request.deadline - now, withinMs)
    const controller = new AbortController()
    let expired = false
    const timer = clock.timer(Math.max(0, timeoutMs), () => {
      expired = true
      controller.abort()
    })
    const outer = request.signal
    const onAbort = () => controller.abort(outer.reason)
    if (outer.aborted) onAbort()
    else if (outer !== never) outer.addEventListener('abort', onAbort)
    try {
      return await next({ ...request, deadline: now + timeoutMs, signal: controller.signal })
    } catch (error) {
      if (expired && InfrastructureError.is(error, 'cancelled'))
        throw deadlineError(request, timeoutMs, error)
      throw error
    } finally {
      timer.cancel()
      if (outer !== never) outer.removeEventListener('abort', onAbort)
    }
  }
}
