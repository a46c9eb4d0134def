import { InfrastructureError } from '../ports/errors.ts'

/** `value` as JSON text. `what` names it in the error. @throws InfrastructureError `invalid_argument` for what JSON cannot hold. */
export function jsonOf(value: unknown, what: string): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new InfrastructureError('invalid_argument', `${what} is no JSON: leave out bigints and cycles.`, {
      cause,
    })
  }
  if (text === undefined)
    throw new InfrastructureError(
      'invalid_argument',
      `${what} is no JSON: give an object, not ${typeof value}.`,
    )
  return text
}
