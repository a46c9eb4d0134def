import type { SqlStatement } from './driver.ts'
import type { SqlValue } from './sql-value.ts'

/**
 * A statement that names its parameters, as `:name`, and may use each several times. `words` are put in place of their names, with
 * whatever parameters they hold: what engines word differently.
 *
 * @example
 * const renew = named('UPDATE lock SET held_until = :now + :ttl WHERE name = :name', { now: 'unix_now()' })
 * await database.execute(...renew({ ttl: 3_000, name }))
 */
export function named(
  text: string,
  words: Readonly<Record<string, string>> = {},
): (values: Readonly<Record<string, SqlValue>>) => SqlCall {
  let whole = text
  // A word may use another one.
  for (const [name, word] of Object.entries(words))
    whole = whole.replaceAll(new RegExp(`:${name}\\b`, 'g'), () => word)
  const order: string[] = []
  const sql = whole.replaceAll(/:([a-z][A-Za-z]*)\b/g, (_, name: string) => {
    order.push(name)
    return '?'
  })
  return values => [sql, order.map(name => values[name]!)]
}

/** As `query` and `execute` take it. */
export type SqlCall = readonly [sql: SqlStatement['sql'], parameters: SqlStatement['parameters']]
