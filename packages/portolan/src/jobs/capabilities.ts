import { InfrastructureError } from '../ports/errors.ts'
import type { EnqueueOptions } from '../ports/jobs.ts'

/** What a store offers beyond what all of them do. What it does not is refused with `unsupported`. */
export interface JobCapabilities {
  /** Enqueueing, cancelling and completing join the unit of work in progress, and commit with it. */
  readonly transactions: boolean
  /** Several units of work at the same time. */
  readonly concurrentTransactions: boolean
  /** `group`: one after the other, in order. */
  readonly groups: boolean
  /** `after`: jobs that wait for others. */
  readonly flows: boolean
  /** `unique` with `taken: 'replace'` or `'extend'`: what waits is changed. */
  readonly changingUnique: boolean
  /** `unique` with `for`: a key is held for a time, also when its job has ended. */
  readonly timedUnique: boolean
  /** What is due is decided by a clock that is given, when that tells another time than the machine's. */
  readonly simulatedTime: boolean
}

const inDatabase = "Keep such jobs in the application's database: createJobs({ database })"

/** @throws InfrastructureError `unsupported` for a job that needs what the store does not offer. */
export function checkOffered(type: string, options: EnqueueOptions, can: JobCapabilities): void {
  const { group, after = [], unique } = options
  const { taken = 'ignore', for: held } = typeof unique === 'object' ? unique : {}
  if (group !== undefined && !can.groups)
    throw unsupported(
      `Job '${type}': this store has no groups. ${inDatabase}, or do one at a time of the whole type with limits: { concurrency: 1 }.`,
    )
  if (after.length > 0 && !can.flows)
    throw unsupported(
      `Job '${type}': in this store, no job waits for others. ${inDatabase}, or let the handler of the last one enqueue this one.`,
    )
  if ((taken === 'replace' || taken === 'extend') && !can.changingUnique)
    throw unsupported(
      `Job '${type}': this store changes no job that waits, so unique.taken is 'ignore' here, not '${taken}'. ${inDatabase}, or ` +
        'let the payload name what to read when the job runs.',
    )
  if (held !== undefined && !can.timedUnique)
    throw unsupported(
      `Job '${type}': in this store, a key is free when its job has ended. ${inDatabase}, or let the handler see how long the last one is ago.`,
    )
}

/** What `operation` is refused with inside of a unit of work that the store cannot join. */
export function cannotJoin(operation: string): InfrastructureError {
  return unsupported(
    `${operation}() cannot join this unit of work: the jobs are in another store, and would stay when it is rolled back. Call it in ` +
      `database.afterCommit(), where a crash can lose it; or have a message do it, which the outbox keeps. ${inDatabase} to have both in one commit.`,
  )
}

/** What `complete()` is refused with where nothing is completed in a unit of work. */
export function cannotComplete(type: string): InfrastructureError {
  return unsupported(
    `Job '${type}': complete() cannot join a unit of work in this store. Return from the handler instead, which ends the job after the ` +
      `commit; it may run again, so have the unit note that it was done. ${inDatabase} for effects that happen exactly once.`,
  )
}

/** What a simulated clock is refused with. */
export function cannotSimulateTime(): InfrastructureError {
  return unsupported(
    "This store decides by the machine's clock what is due. For tests in simulated time, use createJobs({ database }) with " +
      "openDatabase('sqlite::memory:').",
  )
}

function unsupported(message: string): InfrastructureError {
  return new InfrastructureError('unsupported', message)
}
