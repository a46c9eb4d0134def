import type { Queue } from './queues.ts'

/**
 * BullMQ tells a job that failed from one that was enqueued with a delay by its hash alone. So those that wait for another attempt also stand in
 * a sorted set, by when they are due: the ones that lie in the future wait, the others are leftovers.
 */
export function retryingKey(queue: Queue): string {
  return queue.toKey('retrying')
}
