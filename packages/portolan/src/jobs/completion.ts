import { InfrastructureError } from '../ports/errors.ts'
import type { Attempt } from './attempt.ts'
import { cannotComplete, type JobCapabilities } from './capabilities.ts'
import type { ClaimedJob, JobStore, KeptJob } from './driver.ts'
import type { Units } from './units.ts'

/** What a handler does to its own job: ends it in its own transaction, and tells how far it is. */
export class Completion {
  readonly #units: Units
  readonly #store: JobStore
  readonly #capabilities: JobCapabilities
  /** Called after the commit. */
  readonly #completed: (job: ClaimedJob) => void

  constructor(
    units: Units,
    store: JobStore,
    capabilities: JobCapabilities,
    completed: (job: ClaimedJob) => void,
  ) {
    this.#units = units
    this.#store = store
    this.#capabilities = capabilities
    this.#completed = completed
  }

  async complete(session: string, attempt: Attempt, kept: KeptJob | undefined): Promise<void> {
    const { job } = attempt
    if (!this.#capabilities.transactions) throw cannotComplete(job.queue)
    // A unit that joins the one in progress: a handler that swallows the refusal cannot commit all the same.
    await this.#units.run(async () => {
      if (attempt.ended || !(await this.#store.complete(session, job, kept))) throw notHeld(attempt)
      this.#units.afterCommit(() => {
        attempt.completed = true
        this.#completed(job)
      })
    })
  }

  async report(attempt: Attempt, progress: string): Promise<void> {
    if (attempt.ended) throw notHeld(attempt)
    attempt.reported = true
    await this.#store.inspection.report(attempt.id, progress)
  }
}

function notHeld({ job }: Attempt): InfrastructureError {
  return new InfrastructureError(
    'conflict',
    `Job ${job.id} ('${job.queue}') is no longer held by this attempt, so it cannot be completed here. Let this error through: the ` +
      'unit of work is rolled back, and whoever holds the job does the work.',
  )
}
