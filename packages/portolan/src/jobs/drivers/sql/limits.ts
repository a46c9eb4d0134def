import { insertIfAbsent } from '../../../persistence/insert-if-absent.ts'
import type { Claim, ClaimLimits } from '../../driver.ts'
import type { ClaimResult } from './claim.ts'
import type { JobEngine } from './engine.ts'

export interface LimitedResult extends ClaimResult {
  /** When more may be begun, where the rate tells. */
  readonly inMs?: number
}

/**
 * Claims within limits that hold for all processes. A row for each limited type makes those who claim its jobs take turns, so that what they
 * count stays true until they commit. `busy_until` is the rate's theoretical arrival time (GCRA): how far the jobs that were begun reach
 * into the future when they are spread evenly.
 */
export async function claimWithin(
  engine: JobEngine,
  request: Claim,
  limits: ClaimLimits,
  claim: (request: Claim) => Promise<ClaimResult>,
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
  const result = await claim({ ...request, limit: room, startable: Math.min(request.startable, room) })
  const begun = result.jobs.length
  if (rate && begun > 0) {
    await database.execute('update portolan_job_limit set busy_until = ? where queue = ?', [
      Math.ceil(rate.from + begun * rate.stepMs),
      queue,
    ])
  }
  const filled = begun === room && room < limit
  if (!filled) return result
  // Only the limit held it back.
  const next = rate && rate.left === begun ? { inMs: Math.ceil(rate.stepMs) } : wait
  return { jobs: result.jobs, more: false, deferred: true, ...next }
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

/** How many jobs may be begun now: at most those of one period at once. */
function tokens({ jobs, perMs }: NonNullable<ClaimLimits['rate']>, busyUntil: number, now: number) {
  const stepMs = perMs / jobs
  const from = Math.max(busyUntil, now)
  const left = Math.floor((now + perMs - from) / stepMs)
  return { left, stepMs, from, nextInMs: Math.ceil(from + stepMs - perMs - now) }
}
