import type { Rate } from '../../driver.ts'

/**
 * How many jobs may be begun now: at most those of one period at once. `busyUntil` is the rate's theoretical arrival time (GCRA): how far
 * the jobs that were begun reach into the future when they are spread evenly, one each `stepMs`.
 */
export function tokens({ jobs, perMs }: Rate, busyUntil: number, now: number) {
  const stepMs = perMs / jobs
  const from = Math.max(busyUntil, now)
  const left = Math.floor((now + perMs - from) / stepMs)
  return { left, stepMs, from, nextInMs: Math.ceil(from + stepMs - perMs - now) }
}
