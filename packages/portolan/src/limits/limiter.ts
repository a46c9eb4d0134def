import type { RateLimit, RateLimiter } from '../ports/limits.ts'
import { explain } from './decide.ts'
import type { Rule } from './driver.ts'
import { checkCost } from './rule.ts'
import type { Store } from './store.ts'

/** Blocked keys that are remembered here, and for how long: an abuser costs the store one question a second. */
const mostBlocked = 10_000
const rememberBlockMs = 1_000

export class Limiter implements RateLimiter {
  readonly name: string
  readonly policy: RateLimiter['policy']
  readonly #rule: Rule
  readonly #whenDown: 'allow' | 'refuse'
  readonly #store: Store
  readonly #blocked = new Map<string, { readonly limit: RateLimit; readonly at: number }>()

  constructor(rule: Rule, whenDown: 'allow' | 'refuse', store: Store) {
    this.name = rule.name
    this.policy = { limit: rule.limit, windowMs: rule.windowMs }
    this.#rule = rule
    this.#whenDown = whenDown
    this.#store = store
  }

  async take(key: string, cost = 1): Promise<RateLimit> {
    const rule = this.#rule
    checkCost(rule, cost)
    const blocked = rule.blockAfter > 0 ? this.#stillBlocked(key) : undefined
    if (blocked) return blocked
    const asked = this.#store.take(key, rule, cost)
    const taken = asked instanceof Promise ? await asked : asked
    if (!('outcome' in taken)) {
      if (this.#whenDown === 'refuse') throw taken
      return allowedUncounted(rule)
    }
    const limit = explain(rule, taken, cost)
    if (limit.blocked) this.#rememberBlock(key, limit)
    return limit
  }

  async forgive(key: string): Promise<void> {
    this.#blocked.delete(key)
    await this.#store.forget(key, this.#rule)
  }

  #rememberBlock(key: string, limit: RateLimit): void {
    if (this.#blocked.size >= mostBlocked) this.#blocked.clear()
    this.#blocked.set(key, { limit, at: this.#store.clock.monotonic() })
  }

  #stillBlocked(key: string): RateLimit | undefined {
    const known = this.#blocked.get(key)
    if (!known) return undefined
    const { limit, at } = known
    const since = this.#store.clock.monotonic() - at
    const left = Math.ceil(limit.retryAfterMs - since)
    if (since < rememberBlockMs && left > 0)
      return { ...limit, retryAfterMs: left, resetMs: Math.max(left, limit.resetMs) }
    this.#blocked.delete(key)
    return undefined
  }
}

function allowedUncounted({ burst }: Rule): RateLimit {
  return {
    ...{ allowed: true, blocked: false, counted: false },
    ...{ limit: burst, remaining: burst, retryAfterMs: 0, resetMs: 0 },
  }
}
