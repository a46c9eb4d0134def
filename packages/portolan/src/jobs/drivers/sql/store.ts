import type { Claim, ClaimedJob, Exchange, JobStore, Settled } from '../../driver.ts'
import { type ClaimResult, claim } from './claim.ts'
import { storedDeadLetters } from './dead-letters.ts'
import type { CandidateRow, JobEngine } from './engine.ts'
import { storedInspection } from './inspection.ts'
import { storedSchedules } from './schedules.ts'
import { hold, storedSessions } from './sessions.ts'
import { keptRows, openGroups, settle } from './settle.ts'
import { insertOrChange } from './unique.ts'

/** Jobs in a SQL database. */
export function sqlJobStore(engine: JobEngine): JobStore {
  const { database } = engine
  return {
    async prepare() {
      await database.migrate('portolan-jobs', engine.migrations)
    },
    insert(jobs) {
      if (jobs.every(({ onTaken }) => onTaken === 'ignore')) return engine.insert(jobs)
      return database.run(async () => {
        const ids: (string | undefined)[] = []
        for (const job of jobs) {
          if (job.onTaken === 'ignore') ids.push(...(await engine.insert([job])))
          else ids.push(await insertOrChange(engine, job))
        }
        return ids
      })
    },
    exchange: (session, settled, claims) =>
      database.run(() => exchange(engine, Number(session), settled, claims)),
    async complete(session, job, kept) {
      if (kept) await engine.keep(Number(session), keptRows([kept]))
      const deleted = await database.execute(
        'delete from portolan_job where id = ? and owner = ? and attempt = ?',
        [Number(job.id), Number(session), job.attempt],
      )
      if (deleted === 1) await openGroups(engine, [{ queue: job.queue, group_key: job.group }])
      return deleted === 1
    },
    async nextDue(queues) {
      const found = new Map<string, number>()
      for (const { queue, due } of await engine.nextDue(queues)) if (due !== null) found.set(queue, due)
      return found
    },
    sessions: storedSessions(engine),
    schedules: storedSchedules(database),
    inspection: storedInspection(engine),
    deadLetters: storedDeadLetters(engine),
  }
}

async function exchange(
  engine: JobEngine,
  session: number,
  settled: Settled,
  claims: readonly Claim[],
): Promise<Exchange> {
  const [, alive, refused, pages] = await engine.all<[unknown, boolean, number, CandidateRow[][]]>([
    () => engine.begin(),
    // Before all else, so that nobody frees jobs that are being claimed, and no lock is held while this one is waited for.
    () => hold(engine, session),
    () => settle(engine, session, settled),
    () =>
      engine.all(
        claims.map(
          ({ queue, limit }) =>
            () =>
              engine.candidates(queue, limit),
        ),
      ),
  ])
  const claimed: ClaimedJob[] = []
  const more: string[] = []
  const deferred: string[] = []
  if (!alive) return { alive, refused, claimed, more, deferred }
  const results = await engine.all<ClaimResult[]>(
    claims.map((request, i) => () => claim(engine, session, request, pages[i]!)),
  )
  for (const [i, result] of results.entries()) {
    claimed.push(...result.jobs)
    if (result.more) more.push(claims[i]!.queue)
    if (result.deferred) deferred.push(claims[i]!.queue)
  }
  return { alive, refused, claimed, more, deferred }
}
