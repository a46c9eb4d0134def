import { InfrastructureError } from '../../../ports/errors.ts'
import type { Claim, ClaimedJob } from '../../driver.ts'
import { type Choice, choose } from './choice.ts'
import type { CandidateRow, JobEngine } from './engine.ts'
import type { GroupPace } from './group-pace.ts'
import { ready, running } from './states.ts'

export interface ClaimResult {
  readonly jobs: ClaimedJob[]
  /** More is due, and can be claimed at once. */
  readonly more: boolean
  /** Something is due that has to wait until a job in hand has ended. */
  readonly deferred: boolean
}

/** Further pages are worth reading only behind a group that is busy; they need not be small then. */
const furtherPage = 256
const mostPages = 8

/**
 * Claims for `session`, beginning with a page of candidates that was read already. A candidate whose group is busy is set aside
 * (`blocked`) on the way, so that it is looked at once, not in every claim: what lets go of the group brings the next one back.
 */
export async function claim(
  engine: JobEngine,
  session: number,
  request: Claim,
  firstPage: readonly CandidateRow[],
  pace?: GroupPace,
): Promise<ClaimResult> {
  const { queue, limit } = request
  const jobs: ClaimedJob[] = []
  let suspects: number = request.suspects
  let deferred = false
  for (let page = 0; page < mostPages; page++) {
    const size = page === 0 ? limit : furtherPage
    const rows = page === 0 ? firstPage : await engine.candidates(queue, size)
    await pace?.read(rows)
    const choice = choose(rows, {
      limit: limit - jobs.length,
      startable: request.startable - jobs.length,
      suspects,
      pace,
    })
    const changed = await apply(engine, session, queue, choice)
    for (const row of choice.chosen) jobs.push(claimedJob(queue, row))
    suspects -= choice.suspects
    deferred ||= choice.deferred
    if (choice.waitsForSlot) return { jobs, more: false, deferred: true }
    if (jobs.length === limit) return { jobs, more: true, deferred }
    // Those that were passed over come again in every page; one of nothing else is the last.
    if (rows.length < size || (page > 0 && !changed)) return { jobs, more: false, deferred }
  }
  return { jobs, more: true, deferred }
}

/** Carries out a choice; whether that changed anything. */
async function apply(engine: JobEngine, session: number, queue: string, choice: Choice): Promise<boolean> {
  const { chosen, behindChosen, heldBack, paced, stuck } = choice
  const aside = [...behindChosen, ...paced, ...(await anchoredOf(engine, heldBack))]
  const steps: (() => Promise<unknown>)[] = []
  if (chosen.length > 0) steps.push(() => take(engine, session, chosen))
  if (aside.length > 0) steps.push(() => engine.setAside(idsOf(aside)))
  if (stuck.length > 0) {
    const groups = stuck.map(({ group_key: group }) => [queue, group!] as const)
    steps.push(() => engine.openGroups(groups))
  }
  if (steps.length > 0) await engine.all(steps)
  return steps.length > 0
}

async function take(engine: JobEngine, session: number, chosen: readonly CandidateRow[]): Promise<void> {
  try {
    const grouped = chosen.filter(({ group_key: group }) => group !== null).length
    await engine.take(session, idsOf(chosen), grouped)
  } catch (cause) {
    if (!InfrastructureError.is(cause, 'already_exists')) throw cause
    // It runs, and will be seen to run.
    throw new InfrastructureError('conflict', 'Another worker has claimed a job of the same group.', {
      cause,
      retry: 'now',
    })
  }
}

/**
 * Those whose group cannot be let go before this transaction ends: who does so finds them then. The others stay where they are; the
 * group is being let go, or claimed, at this moment.
 */
async function anchoredOf(
  engine: JobEngine,
  heldBack: readonly CandidateRow[],
): Promise<readonly CandidateRow[]> {
  if (heldBack.length === 0 || !engine.anchor) return heldBack
  const holders = new Set(heldBack.map(row => row.held_by!))
  const anchors = new Map<number, number>()
  for (const { id, state } of await engine.anchor(`[${[...holders].join()}]`)) anchors.set(id, state)
  return heldBack.filter(({ id, held_by: holder }) => {
    const state = anchors.get(holder!)
    // One that no longer runs goes first only if it was enqueued before.
    return state === running || (state === ready && holder! < id)
  })
}

function idsOf(rows: readonly CandidateRow[]): string {
  return `[${rows.map(({ id }) => id).join()}]`
}

function claimedJob(queue: string, row: CandidateRow): ClaimedJob {
  return {
    id: String(row.id),
    queue,
    attempt: row.attempt + 1,
    parent: row.parent,
    group: row.group_key,
    version: row.version,
    payload: row.payload,
    trace: row.trace,
    lastError: row.last_error,
    suspect: row.crashes > 1,
  }
}
