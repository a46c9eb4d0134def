import { miscounted } from '../../refused-statements.ts'
import type { SqlValue } from '../../sql-value.ts'

// MySQL's places where `?` means nothing: `#` and `-- ` begin comments.
const pieces = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--(?=\s|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|\?/g

const mostLiteralBytes = 65_536

/**
 * A statement whose parameters are written into it: one over many rows. Parsing literals is as fast as binding parameters, nothing is
 * prepared that never comes again, and every value has the type that it is written with. Its text is searched for their places once.
 */
export class LiteralStatement {
  readonly #sql: string
  #between: readonly string[] | undefined

  constructor(sql: string) {
    this.#sql = sql
  }

  /** @throws InfrastructureError `invalid_argument` when there are more or fewer parameters than places for them. */
  with(parameters: readonly SqlValue[]): string {
    this.#between ??= split(this.#sql)
    const between = this.#between
    if (between.length !== parameters.length + 1) throw miscounted(between.length - 1, parameters.length)
    let text = between[0]!
    for (let i = 0; i < parameters.length; i++) text += literal(parameters[i]!) + between[i + 1]!
    return text
  }
}

/** What stands between the placeholders. */
function split(sql: string): string[] {
  const between: string[] = []
  let start = 0
  for (const { 0: piece, index } of sql.matchAll(pieces)) {
    if (piece !== '?') continue
    between.push(sql.slice(start, index))
    start = index + 1
  }
  between.push(sql.slice(start))
  return between
}

/** A value as SQL that means the same whether or not the session takes backslashes for escapes. */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'string':
      if (value.includes('\\')) return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`
      return value.includes("'") ? `'${value.replaceAll("'", "''")}'` : `'${value}'`
    case 'number':
      // Without an exponent, a fraction would be a decimal.
      return Number.isSafeInteger(value) ? String(value) : value.toExponential()
    case 'bigint':
      return String(value)
    default:
      return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`
  }
}

/** Whether a statement holds it well: bytes take twice their room there. */
export function fitsLiteral(value: SqlValue): boolean {
  return typeof value !== 'object' || value === null || value.length <= mostLiteralBytes
}

/** About how many bytes values take on their way to the server, at least. */
export function roomOf(values: readonly SqlValue[]): number {
  let room = 0
  for (const value of values) {
    if (typeof value === 'string' || (typeof value === 'object' && value !== null)) room += value.length
    room += 8
  }
  return room
}
