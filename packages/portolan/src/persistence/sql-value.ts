import { InfrastructureError } from '../ports/errors.ts'

/** What can be bound to a statement and read from a row, on every engine. */
export type SqlValue = string | number | bigint | Uint8Array | null

export type SqlRow = Record<string, SqlValue>

const smallest = -(2n ** 63n)
const largest = 2n ** 63n - 1n

/**
 * Refuses what some engine would reject or quietly change: `undefined`, booleans, dates, NaN, NUL bytes, lone surrogates,
 * integers beyond 64 bits.
 *
 * @throws InfrastructureError `invalid_argument`; it names the place, never the value.
 */
export function checkValues(values: readonly SqlValue[]): void {
  for (let i = 0; i < values.length; i++) {
    const reason = fault(values[i])
    if (reason !== undefined) {
      throw new InfrastructureError('invalid_argument', `Parameter ${i + 1} ${reason}`, {
        details: { parameter: i + 1 },
      })
    }
  }
}

/** Why `value` cannot be stored, or `undefined` when it can. */
export function fault(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) return 'holds a NUL byte, which not every engine can store. Remove it.'
      if (!value.isWellFormed()) return 'is not well-formed Unicode: it holds half of a surrogate pair.'
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : `is ${value}, which SQL has no number for. Give null.`
    case 'bigint':
      return value >= smallest && value <= largest
        ? undefined
        : 'is an integer of more than 64 bits. Store it as text.'
    case 'object':
      if (value === null || value instanceof Uint8Array) return undefined
      return `is ${value instanceof Date ? 'a Date' : Array.isArray(value) ? 'an array' : 'an object'}. Encode it as text or a number first (see codecs).`
    default:
      return `is ${value === undefined ? 'undefined' : `a ${typeof value}`}. Give text, a number, a bigint, bytes or null.`
  }
}

/** An integer as a number where a number holds it exactly, else as a bigint. */
export function narrowed<Value>(value: Value): Value | number {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
