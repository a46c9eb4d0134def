import { InfrastructureError } from '../../ports/errors.ts'
import type { SqlValue } from '../sql-value.ts'
import type { OrderColumn } from './page-order.ts'
import type { Row } from './rows.ts'

/** Where a page ended: its order, and the values of its last row that decide it. */
export function encodeCursor(row: Row, order: readonly OrderColumn[]): string {
  const values = order.map(({ column }) => {
    const value = row[column]
    if (typeof value === 'bigint') return { bigint: value.toString() }
    if (typeof value === 'string' || typeof value === 'number') return value
    throw new InfrastructureError(
      'invalid_argument',
      `Pages cannot be ordered by '${column}': it holds ${value === null ? 'NULL' : 'bytes'}. Order by columns of text or numbers that are never NULL.`,
    )
  })
  return Buffer.from(JSON.stringify([named(order), ...values])).toString('base64url')
}

/** @throws InfrastructureError `invalid_argument` when it is not one that was handed out for the same order. */
export function decodeCursor(cursor: string, order: readonly OrderColumn[]): SqlValue[] {
  try {
    const [name, ...values]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (name === named(order) && values.length === order.length) return values.map(sqlValue)
  } catch {
    // Told below, together with what parses but is none.
  }
  throw new InfrastructureError(
    'invalid_argument',
    'after: this is no cursor of this listing. Give the `next` of the page before.',
  )
}

/** So that the cursor of another order is not taken for one of this. */
function named(order: readonly OrderColumn[]): string {
  return order.map(({ column, direction }) => `${direction === 'asc' ? '+' : '-'}${column}`).join()
}

function sqlValue(value: unknown): SqlValue {
  if (typeof value === 'string' || typeof value === 'number') return value
  return BigInt((value as { bigint: string }).bigint)
}
