import type { Logger } from '../ports/logger.ts'
import type { Claim, ClaimedJob, JobStore, NewJob } from './driver.ts'
import type { Lanes } from './lanes.ts'
import type { Lease } from './lease.ts'
import { Settlement } from './settlement.ts'

/** What exchanges need of the worker that they belong to. */
export interface ExchangeHost {
  /** Has the store asked for what is due in so many milliseconds, or sooner. */
  lookWithin(delayMs: number): void
  /** The worker's jobs are, or soon will be, in other hands. */
  lose(): void
}

/** What a worker does with the store of its jobs, once at a time: hands in what was finished, and takes what is to be done. */
export class Exchanges {
  /** What was finished since the last one. */
  settlement = new Settlement()
  /** Jobs that the store gave us, in all. */
  claimed = 0
  readonly #store: JobStore
  readonly #lease: Lease
  readonly #lanes: Lanes
  readonly #logger: Logger
  readonly #host: ExchangeHost
  /** An exchange failed: the store may have given us jobs that we do not know of. */
  #uncertain = false
  /** The queues of the claims that are on their way. */
  #asking: readonly string[] = []
  /** Jobs that are being stored as claimed. */
  readonly #underway = new Set<Promise<unknown>>()

  constructor(store: JobStore, lease: Lease, lanes: Lanes, logger: Logger, host: ExchangeHost) {
    this.#store = store
    this.#lease = lease
    this.#lanes = lanes
    this.#logger = logger
    this.#host = host
  }

  /** One of them; `false` when there was nothing to exchange. What was claimed is in the lanes, and not begun. */
  async next(claims: readonly Claim[]): Promise<boolean> {
    const handed = this.settlement
    if (claims.length === 0 && handed.isEmpty) return false
    const queues = claims.map(({ queue }) => queue)
    this.settlement = new Settlement()
    // Before the exchange: what is enqueued while it runs makes its lane hungry again.
    this.#lanes.setHungry(queues, false)
    this.#asking = queues
    try {
      const session = await this.#lease.session()
      if (this.#uncertain) await this.#releaseUnknown(session, handed)
      const { alive, refused, claimed, more, deferred, later } = await this.#store.exchange(
        session,
        handed,
        claims,
      )
      if (refused > 0) {
        this.#logger.warn('Jobs were no longer held when they ended; others may do them again.', { refused })
      }
      this.#lanes.setHungry(more, true)
      for (const queue of deferred) this.#lanes.get(queue)!.defer()
      for (const [, inMs] of later) this.#host.lookWithin(inMs)
      for (const { delayMs } of handed.retries) this.#host.lookWithin(delayMs)
      if (!alive) this.#host.lose()
      // Lost meanwhile: what was claimed belongs to somebody else by now.
      if (!this.#lease.isHeldBy(session)) return true
      this.claimed += claimed.length
      for (const job of claimed) this.#lanes.get(job.queue)!.take(job, session)
      return true
    } catch (error) {
      this.#uncertain = true
      this.settlement.add(handed)
      this.#lanes.setHungry(queues, true)
      throw error
    } finally {
      this.#asking = []
    }
  }

  /**
   * Stores jobs of which some can begin at once, those as claimed already: that saves a commit, and the question for them. Resolves with their ids
   * when these are in their lane; `undefined` when they are to be stored as any others.
   */
  insert(jobs: readonly NewJob[]): Promise<readonly string[]> | undefined {
    const { queue } = jobs[0]!
    const session = this.#lease.current
    const lane = this.#lanes.get(queue)
    if (!this.#store.insertClaimed || session === undefined || this.#uncertain) return undefined
    // Those that are asked for go first, and may take every place.
    if (!lane || this.#asking.includes(queue) || !areUnbound(jobs)) return undefined
    const places = lane.reserve(jobs.length)
    if (places === 0) return undefined
    const stored = this.#store.insertClaimed(session, jobs, places).then(
      ({ ids, claimed }) => {
        lane.free(places)
        if (claimed < jobs.length) lane.hungry = true
        // Lost meanwhile: they belong to somebody else by now.
        if (!this.#lease.isHeldBy(session)) return ids
        this.claimed += claimed
        for (let i = 0; i < claimed; i++) lane.take(claimedJob(ids[i]!, jobs[i]!), session)
        return ids
      },
      error => {
        lane.free(places)
        this.#uncertain = true
        // So that the next exchange comes soon, and gives back what may have been claimed.
        lane.hungry = true
        throw error
      },
    )
    const settled = stored.then(ignore, ignore)
    this.#underway.add(settled)
    void settled.then(() => this.#underway.delete(settled))
    return stored
  }

  /** Gives back what an exchange may have claimed for us without our knowing. */
  async #releaseUnknown(session: string, handed: Settlement): Promise<void> {
    // What has just been stored is not known to be in hand before its answer.
    await Promise.all(this.#underway)
    await this.#store.sessions.release(session, [
      ...this.#lanes.inHand(),
      ...handed.jobs(),
      ...this.settlement.jobs(),
    ])
    this.#uncertain = false
  }
}

/** Whether they need nothing but free places to begin, and differ in their payloads and traces alone. */
function areUnbound(jobs: readonly NewJob[]): boolean {
  const { queue, priority, version } = jobs[0]!
  return jobs.every(
    job =>
      job.runAt === undefined &&
      job.delayMs === 0 &&
      job.group === undefined &&
      job.unique === undefined &&
      job.after.length === 0 &&
      job.queue === queue &&
      job.priority === priority &&
      job.version === version,
  )
}

function claimedJob(id: string, { queue, version, payload, trace }: NewJob): ClaimedJob {
  return {
    ...{ id, queue, attempt: 1, parent: null, group: null, version, payload, trace: trace ?? null },
    ...{ lastError: null, suspect: false },
  }
}

function ignore(): void {}
