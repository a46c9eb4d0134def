import type { DeadLetters } from 'portolan'
import type { JobService } from 'portolan/jobs'
import type { Messaging } from 'portolan/messaging'
import type {
  CacheFigures,
  DeadWork,
  LimitFigures,
  Operations,
  RetryingWork,
  WorkKind,
  Workload,
} from '../application/ports/operations.ts'

/** What the job queue, the messages, the limits and the cache tell of themselves. */
export class WorkOperations implements Operations {
  readonly #jobs: JobService
  readonly #messages: Messaging
  readonly #limits: { figures(): readonly LimitFigures[] }
  readonly #cache: { figures(): Promise<CacheFigures> }
  readonly #deadLetters: Readonly<Record<WorkKind, DeadLetters>>

  constructor({
    jobs,
    messages,
    limits,
    cache,
  }: {
    readonly jobs: JobService
    readonly messages: Messaging
    readonly limits: { figures(): readonly LimitFigures[] }
    readonly cache: { figures(): Promise<CacheFigures> }
  }) {
    this.#jobs = jobs
    this.#messages = messages
    this.#limits = limits
    this.#cache = cache
    this.#deadLetters = { job: jobs.deadLetters, message: messages.deadLetters }
  }

  async workload(): Promise<Workload> {
    // In this order: what leaves the messages becomes a job before it is counted.
    const messages = await this.#messages.status()
    const jobs = await this.#jobs.status()
    return {
      messages: messages.outbox + messages.backlog,
      jobs: jobs.waiting + jobs.running,
      retrying: jobs.retrying,
      dead: messages.dead + jobs.dead,
    }
  }

  async retrying(limit: number): Promise<readonly RetryingWork[]> {
    const jobs = await this.#jobs.retrying({ limit })
    return jobs.map(({ id, type, attempt, lastError, runAt }) => ({
      id,
      type,
      attempt,
      reason: lastError ?? '',
      nextAt: runAt,
    }))
  }

  async deadLetters(limit: number): Promise<readonly DeadWork[]> {
    const of = async (kind: WorkKind) =>
      (await this.#deadLetters[kind].list({ limit })).map(letter => ({ ...letter, kind }))
    const all = [...(await of('job')), ...(await of('message'))]
    return all.sort((a, b) => b.diedAt.getTime() - a.diedAt.getTime()).slice(0, limit)
  }

  replay(kind: WorkKind, id: string): Promise<void> {
    return this.#deadLetters[kind].replay(id)
  }

  async replayAll(): Promise<number> {
    return (await this.#deadLetters.job.replayAll()) + (await this.#deadLetters.message.replayAll())
  }

  discard(kind: WorkKind, id: string): Promise<void> {
    return this.#deadLetters[kind].discard(id)
  }

  limits(): readonly LimitFigures[] {
    return this.#limits.figures()
  }

  cache(): Promise<CacheFigures> {
    return this.#cache.figures()
  }
}
