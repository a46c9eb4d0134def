import type { Ids } from '../../../ports/identity.ts'
import type { ClaimedJob, SessionStore } from '../../driver.ts'
import type { Held } from './held.ts'
import type { Queues } from './queues.ts'
import { giveBack } from './settle.ts'
import { unlessRefused } from './stored-job.ts'

/** A session is a name that the locks of its jobs bear, and its lease is theirs. */
export function sessions(queues: Queues, held: Held, ids: Ids): SessionStore {
  async function release(session: string, keep: readonly ClaimedJob[]): Promise<number> {
    const kept = new Set(keep.map(({ id }) => id))
    let released = 0
    for (const type of await queues.types()) {
      const queue = queues.of(type)
      const active = await queues.client.lrange(queue.keys.active!, 0, -1)
      if (active.length === 0) continue
      const owners = await queues.client.mget(active.map(id => `${queue.toKey(id)}:lock`))
      for (const [i, id] of active.entries()) {
        if (owners[i] !== session || kept.has(id)) continue
        held.delete(session, id)
        if (await unlessRefused(() => giveBack(queues, session, { id, queue: type }))) released++
      }
    }
    return released
  }

  async function end(session: string): Promise<void> {
    await release(session, [])
    held.end(session)
  }

  return {
    async open() {
      return ids.next()
    },

    async renew(session, leaseMs) {
      const answers = await Promise.all(
        [...held.byType(session)].map(([type, jobs]) =>
          queues.of(type).extendLocks(jobs, Array<string>(jobs.length).fill(session), leaseMs),
        ),
      )
      // One that was settled meanwhile has no lock any more.
      if (!answers.flat().some(id => held.has(session, id))) return true
      // Who has lost one job loses all: a lease is a worker's.
      await end(session)
      return false
    },

    keep: () => undefined,
    release,

    close: end,

    async patrol() {
      const [types, cancelled] = await Promise.all([
        queues.types(),
        queues.client.smembers(queues.keys.cancelled),
      ])
      const paused = new Set<string>()
      let freed = 0
      await Promise.all(
        types.map(async type => {
          const queue = queues.of(type)
          // BullMQ looks at the locks of what it found in hand the last time.
          const [stalled, isPaused] = await Promise.all([
            queue.moveStalledJobsToWait(),
            queue.hasQueueMetaField('paused'),
          ])
          freed += stalled.length
          if (isPaused) paused.add(type)
        }),
      )
      // How many workers held them, BullMQ does not tell.
      return { rescued: freed > 0 ? 1 : 0, paused, cancelled }
    },
  }
}
