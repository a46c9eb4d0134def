import { InfrastructureError, type Page } from 'portolan'

/** Where a page ended: the values of its last row that decide the order. Opaque to those who hand it back. */
export function encodeCursor(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/** @throws InfrastructureError `invalid_argument` when it is not one that was handed out. */
export function decodeCursor(cursor: string, length: number): (string | number)[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const good = (value: unknown) => typeof value === 'string' || typeof value === 'number'
    if (Array.isArray(values) && values.length === length && values.every(good)) return values
  } catch {
    // Told below, with what does not parse.
  }
  throw new InfrastructureError(
    'invalid_argument',
    "'after' is no cursor. Give the 'next' of the page before.",
  )
}

/** A page of `rows`, which were read with one more than `limit` to see whether there is a next one. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  position: (row: Row) => readonly (string | number)[],
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(item), ...(last && { next: encodeCursor(position(last)) }) }
}
