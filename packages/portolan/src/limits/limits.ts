import { InfrastructureError } from '../ports/errors.ts'
import type { RateLimiter } from '../ports/limits.ts'
import type { Health, Service } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import type { LimitCapabilities, LimitDriver } from './driver.ts'
import { Limiter } from './limiter.ts'
import { type LimitOptions, ruleOf } from './rule.ts'
import { Store } from './store.ts'

/** Without the slash that stands between the name and the key. */
const namePattern = /^[\w.-]{1,60}$/

export interface LimitsOptions extends Partial<Surroundings> {
  readonly driver: LimitDriver
  /** How long the store may take to answer before it is taken for down. Default `'500ms'`. */
  readonly timeout?: Duration
}

/** Rate limits with the life of a service. */
export interface LimitService extends Required<Omit<Service, 'drain'>>, AsyncDisposable {
  readonly capabilities: LimitCapabilities
  /**
   * A limiter by its name, under which its keys are kept: the same in every process that shares the quota.
   *
   * @throws InfrastructureError `invalid_argument` for a limit that makes no sense, or a name that was given already.
   */
  limiter(name: string, options: LimitOptions): RateLimiter
  start(): Promise<void>
  stop(): Promise<void>
  health(): Promise<Health>
}

/**
 * Rate limits over any driver.
 *
 * @example
 * const limits = createLimits({ driver: memoryLimits() })
 * const perCustomer = limits.limiter('messages', { limit: 30, per: '1m', burst: 10, block: { after: 50, for: '10m' } })
 * const { allowed, retryAfterMs } = await perCustomer.take(customerId)
 */
export function createLimits({ driver, timeout = '500ms', ...given }: LimitsOptions): LimitService {
  const store = new Store(driver, milliseconds(timeout, 'timeout'), surroundings(given))
  const names = new Set<string>()
  return {
    capabilities: driver.capabilities,
    limiter(name, options) {
      const rule = ruleOf(name, options)
      if (!namePattern.test(name))
        throw new InfrastructureError(
          'invalid_argument',
          `'${name}': name a limit by 1 to 60 of A-Z, a-z, 0-9, '.', '_' and '-'.`,
        )
      if (names.has(name))
        throw new InfrastructureError(
          'invalid_argument',
          `There is a limit '${name}' already. Use that limiter.`,
        )
      names.add(name)
      return new Limiter(rule, options.whenDown ?? 'allow', store)
    },
    start: () => store.start(),
    stop: () => store.stop(),
    health: () => driver.health(),
    [Symbol.asyncDispose]: () => store.stop(),
  }
}
