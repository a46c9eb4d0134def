import { InfrastructureError } from '../ports/errors.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import { UsageError } from './command.ts'

/** Milliseconds. @throws UsageError when what stands behind `option` is no duration. */
export function durationOf(text: string, option: string): number {
  try {
    return milliseconds(text as Duration, option)
  } catch (error) {
    throw InfrastructureError.is(error) ? new UsageError(error.message) : error
  }
}
