import { InfrastructureError } from '../ports/errors.ts'
import type { Duration } from '../ports/time.ts'

const unitMs = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const

/**
 * A duration in milliseconds. `what` names the option in the error.
 *
 * @throws InfrastructureError `invalid_argument` when it is negative, not finite or not understood.
 */
export function milliseconds(duration: Duration, what = 'duration'): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration >= 0) return duration
  } else {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration)
    if (match) return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
  }
  throw new InfrastructureError(
    'invalid_argument',
    `${what}: ${JSON.stringify(duration)} is no duration. Give milliseconds, or text such as '250ms', '30s', '10m', '6h', '7d'.`,
  )
}
