import type { Codec } from '../codecs.ts'
import type { RowCodecs } from '../mapping.ts'
import { narrowed, type SqlRow, type SqlValue } from '../sql-value.ts'
import { codecError } from './field-error.ts'
import type { TableSchema } from './table-schema.ts'

export type Row = Readonly<SqlRow>

/** A row for the database; a copy, so that what the application changes later does not change it. */
export function encodeRow(schema: TableSchema, row: object, codecs: RowCodecs | undefined): SqlRow {
  // Copied as a whole, which is quicker than column by column; few values are stored in another form than they have.
  const encoded: Record<string, unknown> = { ...row }
  for (const column in encoded) {
    const value = encoded[column]
    const codec = codecs?.[column]
    if (!codec && schema.fits(column, value)) continue
    const stored = encodeValue(schema, column, value, codec)
    schema.check(column, stored)
    if (stored !== value) encoded[column] = stored
  }
  return encoded as SqlRow
}

/** A value for the database, not yet checked. */
export function encodeValue(
  schema: TableSchema,
  column: string,
  value: unknown,
  codec: Codec | undefined,
): unknown {
  const stored =
    codec && value !== null && value !== undefined ? encodedBy(codec, schema, column, value) : value
  if (stored instanceof Uint8Array) return Uint8Array.from(stored)
  // As a database gives it back, so that equal values compare equal.
  return narrowed(stored)
}

/** A row for the application: the same object where there is nothing to decode. */
export function decodeRow(table: string, row: Row, codecs: RowCodecs | undefined): object {
  if (!codecs) return row
  const decoded: Record<string, unknown> = { ...row }
  for (const column in codecs) {
    const stored = row[column]
    if (stored === null || stored === undefined) continue
    try {
      decoded[column] = codecs[column]!.decode(stored)
    } catch (cause) {
      throw codecError('data_loss', table, column, cause)
    }
  }
  return decoded
}

function encodedBy(codec: Codec, schema: TableSchema, column: string, value: unknown): SqlValue {
  try {
    return codec.encode(value)
  } catch (cause) {
    throw codecError('invalid_argument', schema.table, column, cause)
  }
}

/** The columns of `after` whose value differs from `before`. */
export function changedColumns(before: Row, after: Row): string[] {
  const changed: string[] = []
  for (const column in after) if (!same(before[column], after[column])) changed.push(column)
  return changed
}

/** A value that equals another one exactly when the keys of the rows are equal. */
export function keyOf(row: Row, columns: readonly string[]): string | number {
  const only = columns.length === 1 ? row[columns[0]!] : undefined
  if (typeof only === 'string' || typeof only === 'number') return only
  return `${columns.map(column => part(row[column]!)).join('\0')}\0`
}

function part(value: SqlValue): string {
  return value instanceof Uint8Array
    ? `x${value.join(',')}`
    : `${typeof value === 'string' ? 's' : 'n'}${value}`
}

function same(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a === b) return true
  if (!(a instanceof Uint8Array && b instanceof Uint8Array) || a.length !== b.length) return false
  return a.every((byte, i) => byte === b[i])
}
