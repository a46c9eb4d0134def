import { InfrastructureError } from '../ports/errors.ts'
import type { EnqueueOptions, JobPriority, JobType, UniqueKey } from '../ports/jobs.ts'
import { milliseconds } from '../runtime/duration.ts'
import { traceHeaders } from '../runtime/telemetry.ts'
import { validate } from '../runtime/validation.ts'
import type { JobCapabilities } from './capabilities.ts'
import type { JobStore, NewJob, PriorityRank } from './driver.ts'
import { jsonOf } from './json.ts'
import { slotOf } from './limits.ts'
import type { Units } from './units.ts'

/** Jobs in one statement at most. */
const largestBatch = 1_000
const longestKey = 500
/** NUL, which PostgreSQL does not store, and what divides groups into slots. */
const reserved = ['\0', '\u001f']

const ranks: Readonly<Record<JobPriority, PriorityRank>> = { high: 0, normal: 1, low: 2 }

interface Waiting {
  readonly job: NewJob
  readonly resolve: (id: string | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Who is told of what is stored. */
export interface EnqueuerHost {
  /** Stores jobs of which some can begin at once, together with the claim of these; `undefined` when they are to be stored as any others. */
  claiming(jobs: readonly NewJob[]): Promise<readonly string[]> | undefined
  /** Jobs are being stored, and will be committed unless something fails. */
  storing(queues: readonly string[]): void
  /** They are committed. */
  stored(jobs: readonly NewJob[]): void
}

/** Stores jobs: inside of a unit of work with its commit; outside, those of many callers in one statement and one commit. */
export class Enqueuer {
  readonly #units: Units
  readonly #store: JobStore
  /** In one call at most, where a unit of work makes several one. */
  readonly #batch: number
  readonly #host: EnqueuerHost
  readonly #storing = async (queues: readonly string[]) => this.#host.storing(queues)
  #waiting: Waiting[] = []
  #flushing = false

  constructor(units: Units, store: JobStore, { transactions }: JobCapabilities, host: EnqueuerHost) {
    this.#units = units
    this.#store = store
    this.#batch = transactions ? largestBatch : Number.POSITIVE_INFINITY
    this.#host = host
  }

  /** Each job stands for itself. */
  insert(jobs: readonly NewJob[]): Promise<(string | undefined)[]> {
    if (this.#units.inTransaction()) return this.#insertHere(jobs)
    return Promise.all(jobs.map(job => this.#batched(job)))
  }

  /** All or nothing. */
  insertTogether(jobs: readonly NewJob[]): Promise<(string | undefined)[]> {
    return this.#units.run(() => this.#insertHere(jobs))
  }

  async #insertHere(jobs: readonly NewJob[]): Promise<(string | undefined)[]> {
    const ids: (string | undefined)[] = []
    for (let from = 0; from < jobs.length; from += this.#batch) {
      ids.push(...(await this.#store.insert(jobs.slice(from, from + this.#batch))))
    }
    await this.#units.beforeCommit(this.#storing, queuesOf(jobs))
    this.#units.afterCommit(() => this.#host.stored(jobs.filter((_, i) => ids[i] !== undefined)))
    return ids
  }

  #batched(job: NewJob): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject })
      if (!this.#flushing) void this.#flush()
    })
  }

  /** No timers: what arrives while a statement is on its way goes with the next one. */
  async #flush(): Promise<void> {
    this.#flushing = true
    // Lets everybody in who calls in the same turn.
    await undefined
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, largestBatch)
      const jobs = batch.map(({ job }) => job)
      try {
        const ids = await this.#insert(jobs)
        for (let i = 0; i < batch.length; i++) batch[i]!.resolve(ids[i])
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#flushing = false
  }

  async #insert(jobs: readonly NewJob[]): Promise<readonly (string | undefined)[]> {
    const claiming = this.#host.claiming(jobs)
    if (claiming) return claiming
    const storing = this.#store.insert(jobs)
    this.#host.storing(queuesOf(jobs))
    const ids = await storing
    this.#host.stored(jobs.filter((_, i) => ids[i] !== undefined))
    return ids
  }
}

function queuesOf(jobs: readonly NewJob[]): string[] {
  return [...new Set(jobs.map(({ queue }) => queue))]
}

/** A job that has passed every check. `turn` counts the jobs of this caller: it spreads a group over its slots. */
export async function newJob<Payload>(
  type: JobType<Payload>,
  payload: Payload,
  options: EnqueueOptions = {},
  turn = 0,
): Promise<NewJob> {
  const what = `The payload of job '${type.name}'`
  const { runAt, delay, unique, group, priority = type.priority, after = [] } = options
  if (runAt !== undefined && delay !== undefined)
    throw invalid(`Job '${type.name}': give either runAt or delay, not both.`)
  if (runAt !== undefined && Number.isNaN(runAt.getTime()))
    throw invalid(`Job '${type.name}': runAt is no valid date.`)
  if (!(priority in ranks))
    throw invalid(
      `Job '${type.name}': priority is 'high', 'normal' or 'low', not ${JSON.stringify(priority)}.`,
    )
  const { key, while: uniqueWhile = 'unfinished', for: held, taken = 'ignore' } = uniqueKey(unique)
  checkKey(type.name, 'unique', key)
  if (uniqueWhile !== 'waiting' && uniqueWhile !== 'unfinished')
    throw invalid(
      `Job '${type.name}': unique.while is 'waiting' or 'unfinished', not ${JSON.stringify(uniqueWhile)}.`,
    )
  if (taken !== 'ignore' && taken !== 'replace' && taken !== 'extend')
    throw invalid(
      `Job '${type.name}': unique.taken is 'ignore', 'replace' or 'extend', not ${JSON.stringify(taken)}.`,
    )
  if (held !== undefined && taken !== 'ignore')
    throw invalid(`Job '${type.name}': a key that is held for a time leaves the job alone that has it.`)
  checkKey(type.name, 'group', group)
  const wrong = after.find(id => !/^\d{1,15}$/.test(id))
  if (wrong !== undefined)
    throw invalid(`Job '${type.name}': after takes the ids that enqueue gives, not ${JSON.stringify(wrong)}.`)
  if (after.length > 0 && taken !== 'ignore')
    throw invalid(
      `Job '${type.name}': one that comes after others cannot take the place of a job that waits.`,
    )
  await validate(type.schema, payload, what)
  const trace = traceHeaders()
  return {
    queue: type.name,
    priority: ranks[priority],
    runAt: runAt?.getTime(),
    delayMs: delay === undefined ? 0 : milliseconds(delay, `Job '${type.name}': delay`),
    unique: key,
    uniqueWhile,
    uniqueForMs: held === undefined ? 0 : milliseconds(held, `Job '${type.name}': unique.for`),
    onTaken: taken,
    version: type.version,
    after: after.map(Number),
    group: group === undefined ? undefined : slotOf(group, type.limits?.groupConcurrency ?? 1, turn),
    // As it was given: the schema makes of it what it makes of it when the job runs.
    payload: jsonOf(payload, what),
    trace: trace && JSON.stringify(trace),
  }
}

function uniqueKey(unique: string | UniqueKey | undefined): Partial<UniqueKey> {
  if (unique === undefined) return {}
  return typeof unique === 'string' ? { key: unique } : unique
}

function checkKey(type: string, option: string, key: string | undefined): void {
  if (key === undefined) return
  if (
    key === '' ||
    key.length > longestKey ||
    !key.isWellFormed() ||
    reserved.some(character => key.includes(character))
  )
    throw invalid(
      `Job '${type}': ${option} must be 1 to ${longestKey} characters of well-formed text without NUL and U+001F.`,
    )
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
