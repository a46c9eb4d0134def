import { InfrastructureError } from '../ports/errors.ts'
import type { Random } from '../ports/identity.ts'
import type { Backoff } from '../ports/jobs.ts'
import { milliseconds } from '../runtime/duration.ts'

/**
 * Milliseconds to wait after attempt number `attempt` failed with `error`: the backoff, or what the other side asked for when that is
 * longer (spread by a tenth, so that those it turned away together do not return together).
 */
export function retryDelay(backoff: Backoff, attempt: number, error: unknown, random: Random): number {
  const from = milliseconds(backoff.from)
  const to = milliseconds(backoff.to)
  const full = Math.min(to, from * 2 ** (attempt - 1))
  const jittered = full * (0.5 + random.next() / 2)
  const asked = InfrastructureError.is(error) ? (error.retryAfterMs ?? 0) : 0
  return Math.ceil(Math.max(jittered, asked * (1 + random.next() / 10)))
}
