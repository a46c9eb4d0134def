import type { DeadLetter } from '../../../ports/dead-letters.ts'
import type { JobListing, JobRecord, JobState } from '../../inspection.ts'
import type { StoredJob } from './stored-job.ts'

/** A job that has not ended; `undefined` for one that has. */
export function listingOf(id: string, type: string, job: StoredJob, now: number): JobListing | undefined {
  const state = stateOf(job, now)
  if (!state) return undefined
  const { tried, dueAt, createdAt, unique, payload, lastError } = job
  return {
    ...{ id, type, state, attempt: state === 'running' ? tried + 1 : tried },
    ...{
      runAt: new Date(dueAt),
      createdAt: new Date(createdAt),
      group: undefined,
      unique,
      payload,
      lastError,
    },
  }
}

/** Everything that is known of a job; `undefined` when it was kept long enough. */
export function recordOf(id: string, type: string, job: StoredJob, now: number): JobRecord | undefined {
  const { tried, createdAt, unique, payload, lastError, endedAt = 0, ended, progress } = job
  const listing = listingOf(id, type, job, now)
  if (listing) return { ...listing, progress, result: undefined }
  const facts = { id, type, attempt: tried, createdAt: new Date(createdAt), endedAt: new Date(endedAt) }
  const told = { ...facts, group: undefined, unique, payload, lastError }
  if (!ended) return { ...told, state: 'dead', progress: undefined, result: undefined, stack: job.stack }
  if (endedAt + ended.keepMs <= now) return undefined
  return { ...told, state: ended.outcome, lastError: undefined, progress, result: ended.result }
}

export function deadLetterOf(id: string, type: string, job: StoredJob): DeadLetter | undefined {
  const { place, payload, lastError = '', stack, tried: attempts, createdAt, endedAt = 0 } = job
  if (place !== 'failed') return undefined
  return {
    ...{ id, type, consumer: type, payload, reason: lastError, stack, attempts },
    ...{ createdAt: new Date(createdAt), diedAt: new Date(endedAt) },
  }
}

function stateOf({ place, dueAt, tried }: StoredJob, now: number): JobState | undefined {
  if (place === 'completed' || place === 'failed') return undefined
  if (place === 'active') return 'running'
  if (place === 'waiting' || dueAt <= now) return 'waiting'
  return tried > 0 ? 'retrying' : 'scheduled'
}
