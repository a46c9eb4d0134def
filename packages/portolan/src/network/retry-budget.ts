const capacity = 500
const costs = { retry: 5, timeout: 10 } as const

/**
 * Keeps retries from becoming a storm: a token bucket for a whole client. A retry takes 5 of its 500 tokens, one after a timeout
 * 10, and every success gives one back, so that against a service that is down the client soon sends each request once.
 */
export interface RetryBudget {
  readonly tokens: number
  /** Pays for a retry; `false` when there is not enough left. */
  take(kind: keyof typeof costs): boolean
  succeeded(): void
}

export function retryBudget(): RetryBudget {
  let tokens: number = capacity
  return {
    get tokens() {
      return tokens
    },
    take(kind) {
      if (tokens < costs[kind]) return false
      tokens -= costs[kind]
      return true
    },
    succeeded() {
      if (tokens < capacity) tokens += 1
    },
  }
}
