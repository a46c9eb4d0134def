import { opaque } from '../../statement-text.ts'

/**
 * The statement, in words that let SQLite keep its plan. It looks at the value of a bare `LIMIT ?` when it plans, and therefore
 * parses and plans the whole statement anew whenever that parameter is bound. The value of a subquery it does not look at.
 */
export function withStablePlan(sql: string): string {
  return sql.replace(opaqueOrLimit, text => (isLimit.test(text) ? text.replace('?', '(SELECT ?)') : text))
}

const opaqueOrLimit = new RegExp(`${opaque.source}|\\blimit\\s+\\?`, 'gi')
const isLimit = /^limit\b/i
