/** What the adapters of several capabilities need of Redis. Internal: the package does not export it. */
export { parseRedisUrl, type RedisAddress } from './address.ts'
export { inBatches } from './batches.ts'
export {
  type RedisConnection,
  redisConnection,
  redisKey,
  redisScript,
  type SwiftConnection,
  swiftConnection,
} from './client.ts'
export { isAnswer } from './errors.ts'
