import { InfrastructureError } from '../ports/errors.ts'

/** Fits the names of topics, routing keys and subjects of every broker. */
const namePattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** @throws InfrastructureError `invalid_argument` for a name that not every broker takes. */
export function requireName(kind: string, name: string, longest: number, example: string): void {
  if (namePattern.test(name) && name.length <= longest) return
  throw new InfrastructureError(
    'invalid_argument',
    `${JSON.stringify(name)} is no name for a ${kind}. Use letters, digits, '_' and '-' in parts joined by '.', ` +
      `at most ${longest} characters, as in '${example}'.`,
  )
}
