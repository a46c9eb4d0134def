import type { JobType } from '../ports/jobs.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { ClaimedJob, KeptJob } from './driver.ts'
import { jsonOf } from './json.ts'

/** What is kept of the jobs of a type when they have ended. */
export class Keeping {
  readonly #type: JobType
  readonly #keepMs: number | undefined
  /** How long a dead letter is kept; null: until somebody replays or discards it. */
  readonly deadMs: number | null

  constructor(type: JobType) {
    this.#type = type
    this.#keepMs = type.keep === undefined ? undefined : milliseconds(type.keep)
    this.deadMs = type.keepDead === undefined ? null : milliseconds(type.keepDead)
  }

  /** A result as it is kept; nothing where none is. @throws InfrastructureError `invalid_argument` for what JSON cannot hold. */
  text(result: unknown): string | null {
    if (this.#keepMs === undefined || result === undefined) return null
    return jsonOf(result, `The result of job '${this.#type.name}'`)
  }

  of(job: ClaimedJob, outcome: KeptJob['outcome'], result: string | null): KeptJob | undefined {
    return this.#keepMs === undefined ? undefined : { job, outcome, keepMs: this.#keepMs, result }
  }
}
