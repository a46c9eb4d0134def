import { InfrastructureError } from '../ports/errors.ts'
import type { Secret } from '../ports/secret.ts'

/** A credential as it is configured: best as a `Secret`, so that it cannot be printed by accident. */
export type Credential = string | Secret

/**
 * The text of a credential. `what` names it in the error.
 *
 * @throws InfrastructureError `invalid_argument` when it is empty: an empty key would sign and verify like any other.
 */
export function reveal(credential: Credential, what: string): string {
  const text = typeof credential === 'string' ? credential : credential.reveal()
  if (text) return text
  throw new InfrastructureError('invalid_argument', `${what} is empty. Set it in the configuration.`)
}
