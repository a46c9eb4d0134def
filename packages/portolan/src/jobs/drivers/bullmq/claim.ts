import type { JobJson } from 'bullmq'
import type { Claim, ClaimedJob, ClaimLimits } from '../../driver.ts'
import type { Held } from './held.ts'
import type { Queue, Queues } from './queues.ts'
import { retryingKey } from './retrying.ts'
import { complete, giveBack } from './settle.ts'
import { claimedJob, unlessRefused } from './stored-job.ts'

export interface Claimed {
  readonly queue: string
  readonly jobs: readonly ClaimedJob[]
  /** There may be more at once. */
  readonly more: boolean
  /** There may be more when one of those in hand has ended. */
  readonly deferred: boolean
  /** In how many milliseconds the rate lets more begin. */
  readonly inMs: number | undefined
}

/** What BullMQ answers: a job with its id, or in how many milliseconds the rate lets one begin. */
type Answer = readonly [JobJson | null, string, number, number]

/** Takes jobs for `session`, each with a lock of its own. */
export class Claims {
  readonly #queues: Queues
  readonly #held: Held
  /** type → the limits that were written */
  readonly #limited = new Map<string, string>()

  constructor(queues: Queues, held: Held) {
    this.#queues = queues
    this.#held = held
  }

  async take(session: string, { queue: type, limit, startable, suspects, limits }: Claim): Promise<Claimed> {
    // None ahead: BullMQ cannot tell a job that only waited in a process that died from the one that killed it.
    const want = Math.min(limit, startable)
    if (want === 0) return { queue: type, jobs: [], more: false, deferred: true, inMs: undefined }
    const queue = this.#queues.of(type)
    await this.#limit(queue, type, limits)
    const found: Found[] = []
    let dry = false
    let inMs = 0
    // One call brings one job. They grow in number, so that an empty queue costs one.
    for (let batch = 1; !dry && found.length < want; batch *= 2) {
      const calls = Math.min(batch, want - found.length)
      const answers = await Promise.allSettled(
        Array.from({ length: calls }, async () => (await queue.moveToActive(session)) as unknown as Answer),
      )
      for (const answer of answers) {
        if (answer.status === 'rejected') continue
        const [json, id, waitMs] = answer.value
        if (json) {
          this.#held.add(session, id, type)
          found.push(claimedJob(json, id))
        } else {
          dry = true
          inMs = Math.max(inMs, waitMs)
        }
      }
      for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
    }
    const jobs = await this.#fit(session, type, found, suspects)
    const partly = jobs.length < found.length
    return {
      ...{ queue: type, jobs, more: !dry && !partly },
      deferred: partly || (dry && limits?.concurrency !== undefined),
      inMs: inMs > 0 ? inMs : undefined,
    }
  }

  /** Those of `found` that are to be begun: not what was cancelled when it ran before, nor too many that may kill their worker. */
  async #fit(
    session: string,
    type: string,
    found: readonly Found[],
    suspects: number,
  ): Promise<readonly ClaimedJob[]> {
    if (found.length === 0) return []
    const { client, keys } = this.#queues
    const queue = this.#queues.of(type)
    const ids = found.map(({ job }) => job.id)
    const retried = found.filter(({ job }) => job.attempt > 1)
    const [cancelled] = await Promise.all([
      client.smismember(keys.cancelled, ...ids),
      retried.length > 0 && client.zrem(retryingKey(queue), ...retried.map(({ job }) => job.id)),
      // Before the handler begins: whoever is refused until then is served by it.
      ...found.map(({ job, freed }) => freed !== undefined && queue.removeDeduplicationKey(freed, job.id)),
    ])
    const jobs: ClaimedJob[] = []
    let suspected = 0
    await Promise.all(
      found.map(async ({ job }, i) => {
        if (cancelled[i] === 1) await this.#drop(session, job, complete)
        else if (job.suspect && ++suspected > suspects) await this.#drop(session, job, giveBack)
        else jobs.push(job)
      }),
    )
    return jobs
  }

  async #drop(session: string, job: ClaimedJob, how: typeof complete): Promise<void> {
    this.#held.delete(session, job.id)
    await unlessRefused(() => how(this.#queues, session, job))
  }

  /** Writes the limits of a type where all workers find them. Those of the application that was started last count. */
  async #limit(queue: Queue, type: string, limits: ClaimLimits = {}): Promise<void> {
    const text = JSON.stringify(limits)
    if (this.#limited.get(type) === text) return
    const { concurrency, rate } = limits
    if (concurrency === undefined) await queue.removeQueueMetaFields(['concurrency'])
    else await queue.setQueueMeta({ concurrency })
    if (!rate) await queue.removeQueueMetaFields(['max', 'duration'])
    else await queue.setQueueMeta({ max: rate.jobs, duration: rate.perMs })
    this.#limited.set(type, text)
  }
}

type Found = ReturnType<typeof claimedJob>
