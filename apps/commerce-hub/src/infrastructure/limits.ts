import type { Clock, Logger, RateLimiter } from 'portolan'
import { type LimitService, openLimits } from 'portolan/limits'
import type { CustomerLimits } from '../application/chat/receive-chat.ts'
import type { LimitFigures } from '../application/ports/operations.ts'
import type { HubConfig } from './config.ts'

/** How often customers may write and addresses may ask; what is 0 in the configuration is not limited. */
export interface HubLimits extends Pick<LimitService, 'stop'> {
  readonly customers: CustomerLimits | undefined
  readonly addresses: RateLimiter | undefined
  /** Since this process started. */
  figures(): readonly LimitFigures[]
}

/** Once in so long, a customer who writes too fast is told so. */
const toldEvery = '10m'

export async function createHubLimits(
  { url, messagesPerMinute, requestsPerMinute }: HubConfig['limits'],
  around: { readonly logger: Logger; readonly clock: Clock },
): Promise<HubLimits> {
  const limits = await openLimits(url.reveal(), around)
  const counted: LimitFigures[] = []
  const limiter = (name: string, limit: number) => {
    const { limiter, figures } = counting(limits.limiter(name, { limit, per: '1m' }))
    counted.push(figures)
    return limiter
  }
  return {
    customers:
      messagesPerMinute > 0
        ? {
            messages: limiter('customer-messages', messagesPerMinute),
            told: limits.limiter('customer-told', { limit: 1, per: toldEvery }),
          }
        : undefined,
    addresses: requestsPerMinute > 0 ? limiter('address-requests', requestsPerMinute) : undefined,
    figures: () => counted,
    stop: () => limits.stop(),
  }
}

function counting(limiter: RateLimiter): { limiter: RateLimiter; figures: LimitFigures } {
  const figures = { name: limiter.name, perMinute: limiter.policy.limit, allowed: 0, denied: 0 }
  return {
    figures,
    limiter: {
      name: limiter.name,
      policy: limiter.policy,
      async take(key, cost) {
        const limit = await limiter.take(key, cost)
        if (limit.allowed) figures.allowed++
        else figures.denied++
        return limit
      },
      forgive: key => limiter.forgive(key),
    },
  }
}
