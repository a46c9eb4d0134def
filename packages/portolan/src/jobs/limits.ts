import { InfrastructureError } from '../ports/errors.ts'
import type { JobLimits, JobRate, JobType } from '../ports/jobs.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { ClaimLimits, Rate } from './driver.ts'

/** Divides a group into slots, each of which runs one job at a time. In no group that an application names. */
const slotMark = '\u001f'

/** @throws InfrastructureError `invalid_argument` for limits that make no sense. */
export function checkLimits(name: string, limits: JobLimits): void {
  const { concurrency = 1, groupConcurrency = 1, rate, groupRate } = limits
  whole(`Job '${name}': limits.concurrency`, concurrency)
  whole(`Job '${name}': limits.groupConcurrency`, groupConcurrency)
  if (rate) checkRate(`Job '${name}': limits.rate`, rate)
  if (groupRate) checkRate(`Job '${name}': limits.groupRate`, groupRate)
}

/** What a claim has to keep to; nothing where the type has no limit that the store must watch. */
export function claimLimits({ limits = {} }: JobType): ClaimLimits | undefined {
  const { concurrency, rate, groupRate, groupConcurrency = 1 } = limits
  if (concurrency === undefined && !rate && !groupRate) return undefined
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(rate && { rate: rateOf(rate) }),
    ...(groupRate && { groupRate: { ...rateOf(groupRate), slots: groupConcurrency } }),
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

/** The groups that are stored for `group`, of which `concurrency` jobs run at a time. */
export function slotsOf(group: string, concurrency: number): string[] {
  return Array.from({ length: concurrency }, (_, slot) => slotOf(group, concurrency, slot))
}

function rateOf({ jobs, per }: JobRate): Rate {
  return { jobs, perMs: milliseconds(per) }
}

function checkRate(what: string, { jobs, per }: JobRate): void {
  whole(`${what}.jobs`, jobs)
  if (milliseconds(per, `${what}.per`) === 0)
    throw new InfrastructureError('invalid_argument', `${what}.per must be longer than nothing.`)
}

function whole(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new InfrastructureError(
      'invalid_argument',
      `${what} must be a whole number of 1 or more, not ${value}.`,
    )
}
