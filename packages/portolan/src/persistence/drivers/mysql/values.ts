import { InfrastructureError } from '../../../ports/errors.ts'
import { narrowed, type SqlRow, type SqlValue } from '../../sql-value.ts'
import type { MysqlField } from './client.ts'

// Types of columns (https://mariadb.com/kb/en/result-set-packets/#field-types).
const decimal = 0
const float = 4
const longlong = 8
const bit = 16
const vector = 242
const json = 245
const newDecimal = 246
const geometry = 255

/** From this type on, columns hold text or bytes. */
const texts = 247
/** The character set of what is no text. */
const binary = 63

type Read = (value: unknown) => SqlValue

/** Rows in place: only columns whose values mysql2 gives in another form than every engine can hold are touched. */
export function readRows(rows: Record<string, unknown>[], fields: readonly MysqlField[]): SqlRow[] {
  for (const field of fields) {
    const read = readerOf(field)
    if (!read) continue
    const { name } = field
    for (const row of rows) {
      const value = row[name]
      if (value !== null) row[name] = read(value)
    }
  }
  return rows as SqlRow[]
}

function readerOf({ columnType, characterSet, extendedFormat }: MysqlField): Read | undefined {
  if (extendedFormat === 'json') return readJson
  return readers[columnType] ?? (columnType >= texts && characterSet === binary ? readBytes : undefined)
}

const readers: Readonly<Record<number, Read>> = {
  // Those that a number cannot hold come as text; all of them, where a pool of the application's own says so.
  [longlong]: value => (typeof value === 'string' ? narrowed(BigInt(value)) : (value as number)),
  [decimal]: readDecimal,
  [newDecimal]: readDecimal,
  [bit]: value => (value instanceof Uint8Array ? narrowed(wholeOf(value)) : (value as number)),
  // The shortest number that is the same in 32 bits, as the column was given it.
  [float]: value => shortest(value as number),
  [json]: readJson,
  [geometry]: () => refuse('ST_AsText or ST_AsBinary'),
  [vector]: () => refuse('VEC_ToText or VECTOR_TO_STRING'),
}

/** A copy: what mysql2 gives is a view that would keep a whole packet of the network. */
function readBytes(value: unknown): SqlValue {
  return Uint8Array.from(value as Uint8Array)
}

/** A pool of the application's own may have parsed it. */
function readJson(value: unknown): SqlValue {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Sums of integers are decimals. What has a fraction stays text, which is exact. */
function readDecimal(value: unknown): SqlValue {
  const text = String(value)
  return /^-?\d+$/.test(text) ? narrowed(BigInt(text)) : text
}

function wholeOf(bytes: Uint8Array): bigint {
  let whole = 0n
  for (const byte of bytes) whole = whole * 256n + BigInt(byte)
  return whole
}

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Math.fround(candidate) === value) return candidate
  }
  return value
}

function refuse(functions: string): never {
  throw new InfrastructureError(
    'unsupported',
    `A column of this type has no form that every engine can hold. Select it through ${functions}.`,
  )
}

/** Parameters for the binary protocol; `integer` makes one that travels as a whole number. */
export function bind(
  parameters: readonly SqlValue[],
  integer: (value: number | bigint) => unknown,
): unknown[] {
  const bound = new Array<unknown>(parameters.length)
  for (let i = 0; i < parameters.length; i++) {
    const value = parameters[i]!
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) bound[i] = integer(value as number | bigint)
    else if (value instanceof Uint8Array)
      bound[i] = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    else bound[i] = value
  }
  return bound
}
