import { memoryTrials } from '../cache/memory.ts'
import { redisTrial } from '../cache/redis.ts'
import { tellingTrial } from '../cache/telling.ts'
import type { Suite, Trial } from '../suite.ts'

/** Caches in memory and over Redis: the same values, and callers that have values of their own apart from those that share one. */
export const suite: Suite = {
  name: 'cache',
  packages: ['bentocache', 'cacheable', 'cache-manager', 'keyv', 'lru-cache', 'ioredis'],
  trials: [...memoryTrials, redisTrial as Trial, tellingTrial as Trial],
}
