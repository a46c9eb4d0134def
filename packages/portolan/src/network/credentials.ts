import { InfrastructureError } from '../ports/errors.ts'
import type { Secret } from '../ports/secret.ts'

/** A header that every request of a client carries, to its own origin alone. */
export interface StandingHeader {
  /** In lower case. */
  readonly name: string
  /** Asked for each request, so that a secret may be rotated. */
  value(): string
  /** Whether the value must never be seen. */
  readonly secret: boolean
}

/** `Authorization: Bearer …`. */
export function bearer(token: string | Secret): StandingHeader {
  return { name: 'authorization', value: () => `Bearer ${textOf(token, 'authorization')}`, secret: true }
}

/** A header of your own: an API key (as a `Secret`, or it will be shown in errors that echo it), or a version. */
export function header(name: string, value: string | Secret): StandingHeader {
  const lowerCase = name.toLowerCase()
  return { name: lowerCase, value: () => textOf(value, lowerCase), secret: typeof value !== 'string' }
}

function textOf(value: string | Secret, name: string): string {
  const text = typeof value === 'string' ? value : value.reveal()
  return checkHeader(name, text)
}

/**
 * A header's value, when it may be sent.
 *
 * @throws InfrastructureError `invalid_argument`; the value is not shown.
 */
export function checkHeader(name: string, value: string): string {
  if (value !== '' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && value.trim() === value) return value
  throw new InfrastructureError(
    'invalid_argument',
    `The value of the header '${name}' is empty, or has a line break, a blank at an end, or a character that HTTP does not carry. Check where it comes from.`,
  )
}
