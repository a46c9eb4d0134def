import type { Database } from '../persistence/database.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Attempt } from './attempt.ts'
import type { ClaimedJob, JobStore, KeptJob } from './driver.ts'

/** What a handler does to its own job: ends it in its own transaction, and tells how far it is. */
export class Completion {
  readonly #database: Database
  readonly #store: JobStore
  /** Called after the commit. */
  readonly #completed: (job: ClaimedJob) => void

  constructor(database: Database, store: JobStore, completed: (job: ClaimedJob) => void) {
    this.#database = database
    this.#store = store
    this.#completed = completed
  }

  async complete(session: string, attempt: Attempt, kept: KeptJob | undefined): Promise<void> {
    const { job } = attempt
    // A unit that joins the one in progress: a handler that swallows the refusal cannot commit all the same.
    await this.#database.run(async () => {
      if (attempt.ended || !(await this.#store.complete(session, job, kept))) throw notHeld(attempt)
      this.#database.afterCommit(() => {
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
