import type { ClaimedJob, KeptJob, Settled } from '../../driver.ts'
import type { JobEngine } from './engine.ts'
import { parentsOf, release } from './flows.ts'

/** Applies what a session has finished; resolves with how many of those jobs it no longer held. */
export async function settle(engine: JobEngine, session: number, settled: Settled): Promise<number> {
  const { done, kept, retries, dead, returned, reported } = settled
  const steps: (() => Promise<number>)[] = []
  if (done.length > 0) steps.push(() => engine.deleteDone(session, idList(done)))
  if (kept.length > 0) {
    steps.push(async () => {
      const [, deleted] = await engine.all<[number, number]>([
        () => engine.keep(session, keptRows(kept)),
        () => engine.deleteDone(session, idList(kept.map(({ job }) => job))),
      ])
      return deleted
    })
  }
  if (retries.length > 0) {
    const rows = retries.map(
      ({ job, delayMs, reason }) => `[${job.id},${Math.ceil(delayMs)},${JSON.stringify(reason)}]`,
    )
    steps.push(() => engine.retry(session, `[${rows.join()}]`))
  }
  if (dead.length > 0) {
    const rows = dead.map(
      ({ job, attempts, reason, stack, keepMs }) =>
        `[${job.id},${attempts},${JSON.stringify(reason)},${JSON.stringify(stack)},${keepMs === null ? null : Math.ceil(keepMs)}]`,
    )
    steps.push(async () => {
      const [, deleted] = await engine.all<[number, number]>([
        () => engine.bury(session, `[${rows.join()}]`),
        () => engine.deleteDone(session, idList(dead.map(({ job }) => job))),
      ])
      return deleted
    })
  }
  if (returned.length > 0) steps.push(() => engine.giveBack(session, idList(returned)))
  if (reported.length > 0) {
    const sql = `delete from portolan_job_progress where job_id ${engine.words.ids}`
    steps.push(async () => {
      await engine.database.execute(sql, [idList(reported)])
      return 0
    })
  }
  if (steps.length === 0) return 0
  const children = [...done, ...kept.map(({ job }) => job)].filter(({ parent }) => parent !== null)
  // Asked before they are deleted: one that is no longer held has not ended.
  if (children.length > 0) {
    const parents = await parentsOf(engine, session, idList(children))
    steps.push(async () => {
      await release(engine, parents)
      return 0
    })
  }
  const groups = groupsOf(settled)
  if (groups.length > 0) {
    steps.push(async () => {
      await engine.openGroups(groups)
      return 0
    })
  }
  let held = 0
  for (const changed of await engine.all<number[]>(steps)) held += changed
  return done.length + kept.length + retries.length + dead.length + returned.length - held
}

/** As `JobEngine.keep` takes them. */
export function keptRows(kept: readonly KeptJob[]): string {
  const rows = kept.map(({ job, outcome, keepMs, result }) =>
    JSON.stringify([Number(job.id), outcome, keepMs, result]),
  )
  return `[${rows.join()}]`
}

/** Lets the next of each job's group have its turn. */
export async function openGroups(
  engine: JobEngine,
  jobs: readonly { readonly queue: string; readonly group_key: string | null }[],
): Promise<void> {
  const groups: [string, string][] = []
  for (const { queue, group_key: group } of jobs) if (group !== null) groups.push([queue, group])
  if (groups.length > 0) await engine.openGroups(groups)
}

/** Also of jobs that come back: one that was enqueued before them, and failed, may wait behind them. */
function groupsOf({ done, kept, retries, dead, returned }: Settled): [string, string][] {
  const groups: [string, string][] = []
  const add = ({ queue, group }: ClaimedJob) => {
    if (group !== null) groups.push([queue, group])
  }
  for (const job of done) add(job)
  for (const { job } of kept) add(job)
  for (const { job } of retries) add(job)
  for (const { job } of dead) add(job)
  for (const job of returned) add(job)
  return groups
}

/** The ids as the text of a JSON array. */
export function idList(jobs: readonly { readonly id: number | string }[]): string {
  let text = '['
  for (let i = 0; i < jobs.length; i++) text += i === 0 ? jobs[i]!.id : `,${jobs[i]!.id}`
  return `${text}]`
}
