import { InfrastructureError } from '../ports/errors.ts'
import type { Schema, ValidationIssue } from '../ports/schema.ts'

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly ValidationIssue[] }

/** Runs a schema; never throws for a value that the schema refuses. */
export async function check<T>(schema: Schema<T>, value: unknown): Promise<Validated<T>> {
  const outcome = schema['~standard'].validate(value)
  const result = outcome instanceof Promise ? await outcome : outcome
  if (!result.issues) return { ok: true, value: result.value }
  return {
    ok: false,
    issues: result.issues.map(issue => ({
      path: pathText(issue.path ?? []),
      message: issue.message,
    })),
  }
}

/**
 * The value that a schema makes of `value`. `what` names it in the error, as in `the payload of job 'send-receipt'`.
 *
 * @throws InfrastructureError `invalid_argument` with `details.issues: ValidationIssue[]`.
 */
export async function validate<T>(schema: Schema<T>, value: unknown, what: string): Promise<T> {
  const result = await check(schema, value)
  if (result.ok) return result.value
  throw new InfrastructureError('invalid_argument', `${what} is not valid: ${issuesText(result.issues)}`, {
    details: { issues: result.issues },
  })
}

/** Issues in a line: `lines[2].quantity: expected a number; customer: required`. */
export function issuesText(issues: readonly ValidationIssue[]): string {
  return issues.map(issue => (issue.path ? `${issue.path}: ${issue.message}` : issue.message)).join('; ')
}

function pathText(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  let text = ''
  for (const part of path) {
    const key = typeof part === 'object' ? part.key : part
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? String(key) : `.${String(key)}`
  }
  return text
}
