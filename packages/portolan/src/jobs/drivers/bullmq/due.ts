import { answersOf } from './answers.ts'
import type { Queue, Queues } from './queues.ts'
import { dueAt, dueAtScore } from './stored-job.ts'

/** When the first job of a queue that nobody has is, or was, due, in milliseconds since the epoch; `undefined` when there is none. */
export async function firstDue({ client }: Queues, queue: Queue): Promise<number | undefined> {
  const { wait, prioritized, delayed } = queue.keys
  // At one moment: none is missed that goes from one place to another.
  const read = client
    .multi()
    .lindex(wait!, -1)
    .zrange(prioritized!, 0, '0')
    .zrange(delayed!, 0, '0', 'WITHSCORES')
  const [oldest, [first], [, later]] = answersOf(await read.exec()) as [string | null, string[], string[]]
  const times = await Promise.all(
    [oldest, first].map(async id => {
      if (!id) return []
      const [given, timestamp, opts] = await client.hmget(queue.toKey(id), 'dueAt', 'timestamp', 'opts')
      return timestamp ? [dueAt(given, timestamp, opts ?? undefined)] : []
    }),
  )
  const known = [...times.flat(), ...(later === undefined ? [] : [dueAtScore(later)])]
  return known.length === 0 ? undefined : Math.min(...known)
}
