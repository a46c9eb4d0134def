import type { Clock } from '../ports/time.ts'
import { cancelled } from '../runtime/clock.ts'
import type { JobRecord } from './inspection.ts'

/** What `find` finds, each time that it is something else, until the job has ended or is gone. */
export async function* changesOf(
  find: () => Promise<JobRecord | undefined>,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobRecord> {
  let last: string | undefined
  for (;;) {
    if (signal?.aborted) throw cancelled(signal)
    const record = await find()
    if (!record) return
    const text = JSON.stringify(record)
    if (text !== last) yield record
    last = text
    if (record.endedAt) return
    await clock.sleep(everyMs, signal)
  }
}
