import type { RateLimit, RateLimiter } from '../ports/limits.ts'
import { explain } from './decide.ts'
import type { Rule } from './driver.ts'
import { Refusals } from './refusals.ts'
import { checkCost } from './rule.ts'
import type { Store } from './store.ts'

export class Limiter implements RateLimiter {
  readonly name: string
  readonly policy: RateLimiter['policy']
  readonly #rule: Rule
  readonly #whenDown: 'allow' | 'refuse'
  readonly #store: Store
  readonly #refusals: Refusals | undefined

  constructor(rule: Rule, whenDown: 'allow' | 'refuse', store: Store) {
    this.name = rule.name
    this.policy = { limit: rule.limit, windowMs: rule.windowMs }
    this.#rule = rule
    this.#whenDown = whenDown
    this.#store = store
    // One that is not shared is in this process itself.
    this.#refusals = store.shared ? new Refusals(rule) : undefined
  }

  async take(key: string, cost = 1): Promise<RateLimit> {
    const rule = this.#rule
    checkCost(rule, cost)
    const now = this.#refusals ? this.#store.clock.monotonic() : 0
    const refused = this.#refusals?.of(key, now, cost)
    if (refused) return explain(rule, refused, cost)
    const asked = this.#store.take(key, rule, cost)
    const taken = asked instanceof Promise ? await asked : asked
    if (!('outcome' in taken)) {
      if (this.#whenDown === 'refuse') throw taken
      return allowedUncounted(rule)
    }
    if (taken.outcome !== 'allowed') this.#refusals?.remember(key, taken, now)
    return explain(rule, taken, cost)
  }

  async forgive(key: string): Promise<void> {
    this.#refusals?.forget(key)
    await this.#store.forget(key, this.#rule)
  }
}

function allowedUncounted({ burst }: Rule): RateLimit {
  return {
    ...{ allowed: true, blocked: false, counted: false },
    ...{ limit: burst, remaining: burst, retryAfterMs: 0, resetMs: 0 },
  }
}
