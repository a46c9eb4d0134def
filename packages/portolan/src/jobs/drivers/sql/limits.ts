import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { Claim, ClaimLimits } from '../../driver.ts'
import type { ClaimResult } from './claim.ts'
import type { JobEngine } from './engine.ts'
import { GroupPace } from './group-pace.ts'
import { tokens } from './tokens.ts'

export interface LimitedResult extends ClaimResult {
  /** When more may be begun, where the rate tells. */
  readonly inMs?: number
}

/**
 * Claims within limits that hold for all processes. A row for each limited type makes those who claim its jobs take turns, so that what they
 * count stays true until they commit.
 */
export async function claimWithin(
  engine: JobEngine,
  request: Claim,
  limits: ClaimLimits,
  claim: (request: Claim, pace: GroupPace | undefined) => Promise<ClaimResult>,
): Promise<LimitedResult> {
  const { database } = engine
  const { queue, limit } = request
  const busyUntil = await turn(engine, queue)
  const now = await engine.now()
  const slots = limits.concurrency === undefined ? limit : limits.concurrency - (await running(engine, queue))
  const rate = limits.rate && tokens(limits.rate, busyUntil, now)
  const room = Math.min(limit, slots, rate?.left ?? limit)
  const wait = rate && rate.left <= 0 ? { inMs: rate.nextInMs } : {}
  // Something may be due; whoever ends a job looks again.
  if (room <= 0) return { jobs: [], more: false, deferred: true, ...wait }
  const pace = limits.groupRate && new GroupPace(engine, queue, limits.groupRate, now)
  await pace?.open()
  const within = { ...request, limit: room, startable: Math.min(request.startable, room) }
  const result = await claim(within, pace)
  await pace?.write()
  const begun = result.jobs.length
  if (rate && begun > 0) {
    await database.execute('update portolan_job_limit set busy_until = ? where queue = ?', [
      Math.ceil(rate.from + begun * rate.stepMs),
      queue,
    ])
  }
  const filled = begun === room && room < limit
  const groupInMs = pace?.opensInMs
  if (!filled) return groupInMs === undefined ? result : { ...result, inMs: groupInMs }
  // Only the limit held it back.
  const next = rate && rate.left === begun ? Math.ceil(rate.stepMs) : undefined
  const inMs = groupInMs === undefined ? next : Math.min(groupInMs, next ?? groupInMs)
  return { jobs: result.jobs, more: false, deferred: true, ...(inMs !== undefined && { inMs }) }
}

/** Waits for the turn of this queue; resolves with `busy_until`. */
async function turn({ database, words }: JobEngine, queue: string): Promise<number> {
  for (;;) {
    const [row] = await database.query<{ busy_until: number }>(
      `select busy_until from portolan_job_limit where queue = ?${words.lock}`,
      [queue],
    )
    if (row) return row.busy_until
    await insertIfAbsent(database, 'portolan_job_limit', { queue, busy_until: 0 })
  }
}

async function running({ database }: JobEngine, queue: string): Promise<number> {
  const [row] = await database.query<{ jobs: number }>(
    'select count(*) as jobs from portolan_job where owner is not null and queue = ?',
    [queue],
  )
  return row!.jobs
}
