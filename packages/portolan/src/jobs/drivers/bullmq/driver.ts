import type { RedisAddress } from '../../../redis/index.ts'
import { loadClient } from '../../../runtime/clients.ts'
import type { JobStore } from '../../driver.ts'
import type { JobDriver, JobTerms, OpenedJobs } from '../../job-driver.ts'
import { apartFrom } from '../../units.ts'
import { Claims } from './claim.ts'
import { deadLetters } from './dead-letters.ts'
import { firstDue } from './due.ts'
import { Held } from './held.ts'
import { insert } from './insert.ts'
import { inspection } from './inspection.ts'
import { News } from './news.ts'
import { type BullmqLibrary, Queues } from './queues.ts'
import { schedules } from './schedules.ts'
import { sessions } from './sessions.ts'
import { settle } from './settle.ts'

/** Jobs whose lock is gone are looked for no more often than this over all processes, and when that is less, than a process polls. */
const rescueEveryMs = 1_000

/**
 * Jobs in Redis, of version 7 or later, through BullMQ: a queue a type, a lock a job. BullMQ keeps and moves them; what a worker does with them
 * is the library's own. Needs the packages `bullmq` and `ioredis`.
 *
 * @throws InfrastructureError `unavailable` with what to install when one of them is missing.
 */
export async function bullmqJobs(address: RedisAddress): Promise<JobDriver> {
  const library = await loadClient('bullmq', () => import('bullmq'))
  await loadClient('ioredis', () => import('ioredis'))
  return {
    capabilities: {
      ...{ transactions: false, concurrentTransactions: false, groups: false, flows: false },
      ...{ changingUnique: false, timedUnique: false, simulatedTime: false },
    },
    open: terms => open(library, address, terms),
  }
}

function open(library: BullmqLibrary, address: RedisAddress, terms: JobTerms): OpenedJobs {
  const { surroundings, leaseMs, pollMs, database } = terms
  const { clock, ids } = surroundings
  const queues = new Queues(library, address, {
    leaseMs: Math.ceil(leaseMs),
    rescueEveryMs: Math.max(1, Math.floor(Math.min(rescueEveryMs, pollMs, leaseMs / 3))),
  })
  const news = new News(queues, address, ids.next())
  const held = new Held()
  const claims = new Claims(queues, held)
  const scheduled = schedules(queues, news, clock)
  const store: JobStore = {
    async prepare() {
      await queues.open()
      return queues.risk
    },
    insert: jobs => insert(queues, news, clock, jobs),

    async exchange(session, settled, wanted) {
      const refused = await settle(queues, held, clock, session, settled)
      const claimed = await Promise.all(wanted.map(claim => claims.take(session, claim)))
      return {
        alive: true,
        refused,
        claimed: claimed.flatMap(({ jobs }) => jobs),
        more: claimed.flatMap(({ queue, more }) => (more ? [queue] : [])),
        deferred: claimed.flatMap(({ queue, deferred }) => (deferred ? [queue] : [])),
        later: claimed.flatMap(({ queue, inMs }) => (inMs === undefined ? [] : [[queue, inMs] as const])),
      }
    },

    async complete() {
      throw new Error('Without transactions, nobody calls this.')
    },

    async nextDue(types) {
      const now = clock.now()
      const due = await Promise.all(types.map(type => firstDue(queues, queues.of(type))))
      return new Map(
        types.flatMap((type, i) => (due[i] === undefined ? [] : [[type, due[i] - now] as const])),
      )
    },

    sessions: sessions(queues, held, ids),
    schedules: scheduled,
    inspection: inspection(queues, news, clock),
    deadLetters: deadLetters(queues, news, clock),
  }
  return {
    store,
    classify: error => queues.failure(error),
    units: apartFrom(database, listener => news.listen(listener)),
    async close() {
      scheduled.close()
      await news.close()
      await queues.close()
    },
  }
}
