import { type RawBuilder, sql } from 'kysely'
import type { SqlValue } from '../sql-value.ts'

export type Direction = 'asc' | 'desc'

/** A column that pages are ordered by. */
export interface OrderColumn {
  readonly column: string
  readonly direction: Direction
}

/** `given`, completed by the key, so that no two rows are equal. */
export function completeOrder(
  given: readonly (string | readonly [string, Direction])[],
  direction: Direction,
  key: string,
): OrderColumn[] {
  const order = given.map(by =>
    typeof by === 'string' ? { column: by, direction } : { column: by[0], direction: by[1] },
  )
  return order.some(({ column }) => column === key) ? order : [...order, { column: key, direction }]
}

/**
 * Whether a row of `table` comes after one with `values`. Everywhere in a form from which an index tells where to begin: engines
 * that do not see it in a comparison of rows do so in one that is spelled out, and the other way round.
 */
export function comesAfter(
  table: string,
  order: readonly OrderColumn[],
  values: readonly SqlValue[],
  comparesRows: boolean,
): RawBuilder<boolean> {
  const refs = order.map(({ column }) => sql.id(table, column))
  const [first] = order
  if (comparesRows && order.every(({ direction }) => direction === first!.direction)) {
    return sql`(${sql.join(refs)}) ${beyond(first!)} (${sql.join(values)})`
  }
  let condition = sql<boolean>`${refs.at(-1)!} ${beyond(order.at(-1)!)} ${values.at(-1)!}`
  for (let i = order.length - 2; i >= 0; i--) {
    condition = sql`(${refs[i]!} ${beyond(order[i]!)} ${values[i]!} or (${refs[i]!} = ${values[i]!} and ${condition}))`
  }
  // Implied by the rest, but a plain bound is what each engine finds in an index.
  return sql`${refs[0]!} ${beyond(first!)}= ${values[0]!} and ${condition}`
}

function beyond({ direction }: OrderColumn): RawBuilder<unknown> {
  return sql.raw(direction === 'asc' ? '>' : '<')
}
