import type { Database } from './database.ts'
import type { Dialect } from './driver.ts'
import type { SqlValue } from './sql-value.ts'

/** What keeps the planner from reading everything and sorting it, until the transaction ends. */
const neverSort: { readonly [D in Dialect]?: string } = {
  postgres: "SELECT set_config('enable_sort', 'off', true) AS sorting",
}

/**
 * The rows of a query that wants the first ones of an order that an index has: of a queue, say, which is empty at one moment and long
 * at the next. PostgreSQL keeps the plan that it made when the table was short, which is to read and sort all of it; here it is told
 * not to. For outside of a unit of work, whose other statements it would tell the same.
 */
export function readInOrder<Row>(
  database: Database,
  sql: string,
  parameters: readonly SqlValue[],
): Promise<Row[]> {
  const setting = neverSort[database.dialect]
  if (setting === undefined) return database.query<Row>(sql, parameters)
  return database.run(
    async () => {
      const [, rows] = await Promise.all([database.query(setting), database.query<Row>(sql, parameters)])
      return rows
    },
    { readOnly: true },
  )
}
