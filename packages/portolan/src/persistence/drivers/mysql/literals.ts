import { InfrastructureError } from '../../../ports/errors.ts'
import type { SqlValue } from '../../sql-value.ts'

// MySQL's places where `?` means nothing: `#` and `-- ` begin comments.
const pieces = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--(?=\s|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|\?/g

/**
 * The statement with its parameters written into it. For statements over many rows: parsing literals is as fast as binding
 * parameters, nothing is prepared that never comes again, and every value has the type that it is written with.
 *
 * @throws InfrastructureError `invalid_argument` when there are more or fewer parameters than places for them.
 */
export function withLiterals(sql: string, parameters: readonly SqlValue[]): string {
  let count = 0
  const text = sql.replace(pieces, piece => (piece === '?' ? literal(parameters[count++]) : piece))
  if (count === parameters.length) return text
  throw new InfrastructureError(
    'invalid_argument',
    `The statement has ${count} placeholders, but ${parameters.length} parameters were given.`,
  )
}

/** A value as SQL that means the same whether or not the session takes backslashes for escapes. */
export function literal(value: SqlValue | undefined): string {
  if (value === null || value === undefined) return 'NULL'
  switch (typeof value) {
    case 'string':
      if (value.includes('\\')) return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`
      return value.includes("'") ? `'${value.replaceAll("'", "''")}'` : `'${value}'`
    case 'number':
      // Without an exponent, a fraction would be a decimal.
      return Number.isInteger(value) && Number.isSafeInteger(value) ? String(value) : value.toExponential()
    case 'bigint':
      return String(value)
    default:
      return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`
  }
}

/** About how many bytes values take on their way to the server, at least. */
export function roomOf(values: readonly SqlValue[]): number {
  let room = 0
  for (const value of values) {
    if (typeof value === 'string' || value instanceof Uint8Array) room += value.length
    room += 8
  }
  return room
}
