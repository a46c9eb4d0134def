import { createLimits, type LimitDriver, type LimitOptions, type LimitService } from '../limits/index.ts'
import type { RateLimit, RateLimiter } from '../ports/limits.ts'
import type { Clock } from '../ports/time.ts'
import { systemClock } from '../runtime/clock.ts'
import { systemIds } from '../runtime/identity.ts'
import type { ContractCase } from './contract.ts'

export interface LimitsHarness extends AsyncDisposable {
  /** A driver of one more process over the same engine; closed with the harness. */
  join(options?: { readonly clock?: Clock }): Promise<LimitDriver>
}

export type LimitsCase = ContractCase<LimitsHarness>

/** Limits of one more process. A store that cannot be asked fails the case, instead of letting all pass. */
export async function member(harness: LimitsHarness, clock?: Clock): Promise<LimitService> {
  return createLimits({ driver: await harness.join(clock && { clock }), timeout: '30s' })
}

/** A limiter whose keys nobody has used, and one by the same name for each further process. */
export function alike(options: LimitOptions): (limits: LimitService) => RateLimiter {
  const name = systemIds.next()
  return limits => limits.limiter(name, { ...options, whenDown: 'refuse' })
}

export async function takeMany(limiter: RateLimiter, key: string, count: number): Promise<RateLimit[]> {
  const taken: RateLimit[] = []
  for (let at = 0; at < count; at++) taken.push(await limiter.take(key))
  return taken
}

/** Takes again and again, as it is told to wait; the last answer, and how often it was refused. */
export async function persist(
  limiter: RateLimiter,
  key: string,
): Promise<{ limit: RateLimit; refusals: number }> {
  for (let refusals = 0; ; refusals++) {
    const limit = await limiter.take(key)
    if (limit.allowed) return { limit, refusals }
    await systemClock.sleep(limit.retryAfterMs)
  }
}
