import type { Claim, Exchange, JobStore, NewJob, Settled } from '../../driver.ts'
import { type ClaimResult, claim } from './claim.ts'
import { storedDeadLetters } from './dead-letters.ts'
import type { CandidateRow, JobEngine } from './engine.ts'
import { insertAfter, release } from './flows.ts'
import { openForgotten } from './group-pace.ts'
import { insertForTime } from './held-keys.ts'
import { storedInspection } from './inspection.ts'
import { claimWithin, type LimitedResult } from './limits.ts'
import { storedSchedules } from './schedules.ts'
import { hold, storedSessions } from './sessions.ts'
import { keptRows, openGroups, settle } from './settle.ts'
import { insertOrChange } from './unique.ts'

/** Jobs in a SQL database. */
export function sqlJobStore(engine: JobEngine): JobStore {
  const { database } = engine

  function insert(jobs: readonly NewJob[]): Promise<(string | undefined)[]> {
    if (jobs.every(isPlain)) return engine.insert(jobs)
    return database.run(async () => {
      const ids: (string | undefined)[] = []
      for (const job of jobs) {
        if (isPlain(job)) ids.push(...(await engine.insert([job])))
        else if (job.after.length > 0) ids.push(await insertAfter(engine, job))
        else if (job.uniqueForMs > 0) ids.push(await insertForTime(engine, job))
        else ids.push(await insertOrChange(engine, job))
      }
      return ids
    })
  }

  return {
    async prepare() {
      await database.migrate('portolan-jobs', engine.migrations)
    },
    insert,
    // In a transaction: until its end is known to the engine, its lock keeps `release` from missing what it claims.
    ...(engine.insertClaimed && {
      insertClaimed: (session, jobs, claims) =>
        database.run(() => engine.insertClaimed!(Number(session), jobs, claims)),
    }),
    exchange: (session, settled, claims) =>
      database.run(() => exchange(engine, Number(session), settled, claims)),
    async complete(session, job, kept) {
      if (kept) await engine.keep(Number(session), keptRows([kept]))
      const deleted = await database.execute(
        'delete from portolan_job where id = ? and owner = ? and attempt = ?',
        [Number(job.id), Number(session), job.attempt],
      )
      if (deleted === 1 && job.parent !== null) await release(engine, [job.parent])
      if (deleted === 1) await openGroups(engine, [{ queue: job.queue, group_key: job.group }])
      return deleted === 1
    },
    async nextDue(queues) {
      const found = new Map<string, number>()
      for (const { queue, due } of await engine.nextDue(queues)) if (due !== null) found.set(queue, due)
      return found
    },
    sessions: storedSessions(engine),
    schedules: storedSchedules(database, insert),
    inspection: storedInspection(engine),
    deadLetters: storedDeadLetters(engine),
  }
}

/** Nothing but a row. */
function isPlain({ onTaken, after, uniqueForMs }: NewJob): boolean {
  return onTaken === 'ignore' && after.length === 0 && uniqueForMs === 0
}

async function exchange(
  engine: JobEngine,
  session: number,
  settled: Settled,
  claims: readonly Claim[],
): Promise<Exchange> {
  const open = claims.filter(({ limits }) => limits === undefined)
  const [, alive, refused, pages] = await engine.all<[unknown, boolean, number, CandidateRow[][]]>([
    () => engine.begin(),
    // Before all else, so that nobody frees jobs that are being claimed, and no lock is held while this one is waited for.
    () => hold(engine, session),
    () => settle(engine, session, settled),
    () =>
      engine.all(
        open.map(
          ({ queue, limit }) =>
            () =>
              engine.candidates(queue, limit),
        ),
      ),
  ])
  if (!alive) return { alive, refused, claimed: [], more: [], deferred: [], later: [] }
  const results: (readonly [string, LimitedResult])[] = []
  const claimed = await engine.all<ClaimResult[]>(
    open.map((request, i) => () => claim(engine, session, request, pages[i]!)),
  )
  for (const [i, result] of claimed.entries()) {
    const { queue } = open[i]!
    const more = result.more || (pages[i]!.length === 0 && (await openForgotten(engine, queue)))
    results.push([queue, { ...result, more }])
  }
  if (open.length < claims.length) results.push(...(await limited(engine, session, claims)))
  return {
    alive,
    refused,
    claimed: results.flatMap(([, { jobs }]) => jobs),
    more: results.flatMap(([queue, { more }]) => (more ? [queue] : [])),
    deferred: results.flatMap(([queue, { deferred }]) => (deferred ? [queue] : [])),
    later: results.flatMap(([queue, { inMs }]) => (inMs === undefined ? [] : [[queue, inMs] as const])),
  }
}

/** The claims with limits, one after the other and in one order for all, as each waits for its turn. */
async function limited(engine: JobEngine, session: number, claims: readonly Claim[]) {
  const results: [string, LimitedResult][] = []
  for (const request of claims.toSorted((a, b) => (a.queue < b.queue ? -1 : 1))) {
    const { queue, limits } = request
    if (!limits) continue
    const result = await claimWithin(engine, request, limits, async (within, pace) =>
      claim(engine, session, within, await engine.candidates(queue, within.limit), pace),
    )
    results.push([queue, result])
  }
  return results
}
