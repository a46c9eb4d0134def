import type { Cancellation } from '../../inspection.ts'
import { typeOf } from './names.ts'
import type { Queues } from './queues.ts'
import { retryingKey } from './retrying.ts'
import { readJob } from './stored-job.ts'

/** Deletes a job that nobody has claimed, or has its worker told, for as long as it is in hand. */
export async function cancel(queues: Queues, id: string): Promise<Cancellation> {
  const { client, keys } = queues
  const type = typeOf(id)
  const queue = type === undefined ? undefined : queues.of(type)
  const job = queue && (await readJob(queues, queue, id))
  if (!queue || !job || job.endedAt !== undefined) {
    await client.srem(keys.cancelled, id)
    return 'gone'
  }
  if (job.place !== 'active' && (await queue.remove(id, false)) === 1) {
    await Promise.all([client.srem(keys.cancelled, id), client.zrem(retryingKey(queue), id)])
    return 'cancelled'
  }
  await client.sadd(keys.cancelled, id)
  return 'stopping'
}
