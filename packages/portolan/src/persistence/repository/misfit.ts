import type { Column } from '../driver.ts'
import type { SqlValue } from '../sql-value.ts'

/** Why `value` is not of the type of its column, or `undefined` when it is. */
export function misfit({ holds, bits = 64 }: Column, value: Exclude<SqlValue, null>): string | undefined {
  switch (holds) {
    case 'text':
      return typeof value === 'string' ? undefined : `is ${named(value)}, and its column holds text.`
    case 'integer':
      return notInteger(value, bits)
    case 'real':
      return typeof value === 'number' ? undefined : `is ${named(value)}, and its column holds numbers.`
    case 'bytes':
      return value instanceof Uint8Array ? undefined : `is ${named(value)}, and its column holds bytes.`
    case 'other':
      return undefined
  }
}

/** Why `text` is too long for a column of `length` characters, or `undefined` when it is not. */
export function tooLarge(text: string, length: number): string | undefined {
  // Engines count code points; no text has more of them than code units.
  if (text.length <= length || [...text].length <= length) return undefined
  return `is longer than the ${length} characters of its column.`
}

function notInteger(value: Exclude<SqlValue, null>, bits: number): string | undefined {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return 'has a fraction, and its column holds whole numbers.'
    if (bits === 64) {
      return Number.isSafeInteger(value)
        ? undefined
        : 'is a number beyond 2^53, which may have lost digits already. Give a bigint (see codecs).'
    }
  } else if (typeof value !== 'bigint') {
    return `is ${named(value)}, and its column holds whole numbers.`
  }
  const limit = 2 ** (bits - 1)
  return value >= -limit && value < limit ? undefined : `is beyond the ${bits} bits of its column.`
}

function named(value: Exclude<SqlValue, null>): string {
  if (typeof value === 'string') return 'text'
  return value instanceof Uint8Array ? 'bytes' : `a ${typeof value}`
}
