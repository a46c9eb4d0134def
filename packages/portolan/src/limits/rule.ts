import { InfrastructureError } from '../ports/errors.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { Rule } from './driver.ts'

export interface LimitOptions {
  /**
   * `token_bucket` (default): a bucket of `burst` units that is filled evenly with `limit` of them `per` window; what is not used is saved up
   * to its size. `sliding_window`: never more than about `limit` units in any window; what was taken in the window before is counted as
   * if it had been taken evenly.
   */
  readonly algorithm?: 'token_bucket' | 'sliding_window'
  /** Units for each window; above 0. */
  readonly limit: number
  readonly per: Duration
  /** The size of a token bucket. Default: the limit. */
  readonly burst?: number
  /** Blocks whoever goes on asking: after so many refusals, each within a window of the one before, for so long. Default: nobody. */
  readonly block?: { readonly after: number; readonly for: Duration }
  /** What happens while the store cannot be asked: `allow` everything (default), or `refuse` with `unavailable`. */
  readonly whenDown?: 'allow' | 'refuse'
}

/** @throws InfrastructureError `invalid_argument` for a limit that makes no sense. */
export function ruleOf(name: string, options: LimitOptions): Rule {
  const { algorithm = 'token_bucket', limit, block } = options
  const at = (what: string) => `Limit '${name}': ${what}`
  const windowMs = Math.ceil(milliseconds(options.per, at('per')))
  const burst = options.burst ?? limit
  for (const [what, value] of Object.entries({ limit, burst }))
    if (!(Number.isFinite(value) && value > 0))
      throw invalid(at(`${what} must be a number above 0, not ${value}.`))
  if (windowMs < 1) throw invalid(at('per: give at least 1ms.'))
  if (algorithm === 'sliding_window' && burst !== limit)
    throw invalid(at('a sliding window has no burst. Use a token bucket, or leave it out.'))
  if (block && !(Number.isInteger(block.after) && block.after > 0))
    throw invalid(at(`block.after must be a whole number of 1 or more, not ${block.after}.`))
  const blockMs = block ? Math.ceil(milliseconds(block.for, at('block.for'))) : 0
  if (block && blockMs < 1) throw invalid(at('block.for: give at least 1ms.'))
  const perUnitMs = windowMs / limit
  const sizeMs = burst * perUnitMs
  const counted = algorithm === 'token_bucket' ? sizeMs : 2 * windowMs
  return {
    ...{ name, algorithm, limit, windowMs, burst, blockAfter: block?.after ?? 0, blockMs, perUnitMs, sizeMs },
    forgetAfterMs: Math.ceil(Math.max(counted, block ? Math.max(windowMs, blockMs) : 0)),
  }
}

/** @throws InfrastructureError `invalid_argument` for a cost that can never be taken. */
export function checkCost({ name, burst }: Rule, cost: number): void {
  if (Number.isFinite(cost) && cost > 0 && cost <= burst) return
  throw invalid(
    `Limit '${name}': a cost must be above 0 and at most ${burst}, what a full quota holds; not ${cost}.`,
  )
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
