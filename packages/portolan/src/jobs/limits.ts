import { InfrastructureError } from '../ports/errors.ts'
import type { JobLimits, JobType } from '../ports/jobs.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { ClaimLimits } from './driver.ts'

/** Divides a group into slots, each of which runs one job at a time. In no group that an application names. */
const slotMark = '\u001f'

/** @throws InfrastructureError `invalid_argument` for limits that make no sense. */
export function checkLimits(name: string, { concurrency = 1, groupConcurrency = 1, rate }: JobLimits): void {
  whole(`Job '${name}': limits.concurrency`, concurrency)
  whole(`Job '${name}': limits.groupConcurrency`, groupConcurrency)
  if (!rate) return
  whole(`Job '${name}': limits.rate.jobs`, rate.jobs)
  if (milliseconds(rate.per, `Job '${name}': limits.rate.per`) === 0)
    throw new InfrastructureError(
      'invalid_argument',
      `Job '${name}': limits.rate.per must be longer than nothing.`,
    )
}

/** What a claim has to keep to; nothing where the type has no limit that the store must watch. */
export function claimLimits({ limits }: JobType): ClaimLimits | undefined {
  if (limits?.concurrency === undefined && limits?.rate === undefined) return undefined
  const { concurrency, rate } = limits
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(rate && { rate: { jobs: rate.jobs, perMs: milliseconds(rate.per) } }),
  }
}

/** The group that is stored for the `turn`th job of `group`, of which `concurrency` run at a time. */
export function slotOf(group: string, concurrency: number, turn: number): string {
  const slot = turn % concurrency
  return slot === 0 ? group : `${group}${slotMark}${slot}`
}

/** The group as the application named it. */
export function groupOf(stored: string): string {
  const mark = stored.lastIndexOf(slotMark)
  return mark < 0 ? stored : stored.slice(0, mark)
}

function whole(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new InfrastructureError(
      'invalid_argument',
      `${what} must be a whole number of 1 or more, not ${value}.`,
    )
}
