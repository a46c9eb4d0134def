import type { Secret } from '../ports/secret.ts'

/** What is shown in place of a secret. */
export const redacted = '[redacted]'

/**
 * A secret in memory. Text, JSON, `util.inspect` and templates show `[redacted]`; only `reveal` gives the value.
 *
 * @example
 * const token = new Redacted('s3cret')
 * `${token}`        // '[redacted]'
 * token.reveal()    // 's3cret'
 */
export class Redacted<T = string> implements Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [Symbol.toPrimitive](): string {
    return redacted
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted
  }
}
