import { InfrastructureError } from '../ports/errors.ts'
import type { Random } from '../ports/identity.ts'
import type { RetryPolicy } from '../ports/messages.ts'
import { milliseconds } from '../runtime/duration.ts'

/** A retry policy in numbers. */
export interface Retries {
  readonly attempts: number
  readonly fromMs: number
  readonly toMs: number
}

export function retries({ attempts = 10, from = '200ms', to = '1m' }: RetryPolicy = {}): Retries {
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new InfrastructureError(
      'invalid_argument',
      `retry.attempts: ${attempts} is no whole number of 1 or more.`,
    )
  }
  return { attempts, fromMs: milliseconds(from, 'retry.from'), toMs: milliseconds(to, 'retry.to') }
}

/**
 * Milliseconds to wait after attempt number `attempt` has failed with `error`: exponential, the upper half of it random, so that
 * what failed together does not come back together; never less than the other side asked for.
 */
export function retryDelay(policy: Retries, attempt: number, error: unknown, random: Random): number {
  const full = Math.min(policy.toMs, policy.fromMs * 2 ** (attempt - 1))
  const delay = full * (0.5 + random.next() / 2)
  const asked = InfrastructureError.is(error) ? (error.retryAfterMs ?? 0) : 0
  return Math.max(delay, asked)
}
