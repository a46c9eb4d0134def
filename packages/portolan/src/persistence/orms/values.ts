import { InfrastructureError } from '../../ports/errors.ts'
import { narrowed, type SqlRow, type SqlValue } from '../sql-value.ts'

/** Rows whose values an ORM has read in its own way, with those that the library's drivers give. */
export function plainRows(rows: readonly unknown[]): SqlRow[] {
  return rows.map(row => {
    const plain: SqlRow = {}
    for (const name in row as object) plain[name] = plainValue((row as Record<string, unknown>)[name], name)
    return plain
  })
}

function plainValue(value: unknown, name: string): SqlValue {
  switch (typeof value) {
    case 'string':
    case 'number':
      return value
    case 'bigint':
      return narrowed(value)
    case 'boolean':
      return value ? 1 : 0
    case 'undefined':
      return null
  }
  if (value === null) return null
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  // Its text is not that of the engine, from which it differs by zone and precision.
  if (value instanceof Date) throw unreadable(name)
  if (isDecimal(value)) {
    const text = value.toFixed()
    return /^-?\d+$/.test(text) ? narrowed(BigInt(text)) : text
  }
  return JSON.stringify(value)
}

/** As `decimal.js` and its like have it: all digits, without an exponent. */
function isDecimal(value: unknown): value is { toFixed(): string } {
  return (
    typeof value === 'object' && value !== null && 'toFixed' in value && typeof value.toFixed === 'function'
  )
}

function unreadable(name: string): InfrastructureError {
  return new InfrastructureError(
    'unsupported',
    `The column '${name}' comes as a date from the ORM whose transaction this is, which is not what the engine holds. Cast it to text in the query, or keep moments as numbers (see the codec \`instant\`).`,
  )
}
