import { InfrastructureError } from '../ports/errors.ts'

/** Characters as a person counts them, more or less: code points, so that an emoji is no two. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** Fails with `invalid_argument` unless `text` has between one and `max` characters. `field` names it. */
export function checkLength(field: string, text: string, max: number): void {
  if (text.trim() === '') throw invalid(field, 'is empty')
  // No text has more characters than code units: most need not be counted.
  if (text.length > max && characters(text) > max)
    throw invalid(field, `has ${characters(text)} characters; ${max} are allowed`)
}

/** Fails with `invalid_argument` unless the list has between one and `max` items. */
export function checkCount(field: string, list: readonly unknown[], max: number): void {
  if (list.length < 1 || list.length > max)
    throw invalid(field, `has ${list.length} items; 1 to ${max} are allowed`)
}

/** Fails with `invalid_argument` when two of `values` are the same. */
export function checkUnique(field: string, values: readonly string[]): void {
  if (new Set(values).size < values.length) throw invalid(field, 'has the same value twice')
}

export function invalid(field: string, problem: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `${field} ${problem}.`, {
    details: { field, issues: [{ path: field, message: problem }] },
  })
}
