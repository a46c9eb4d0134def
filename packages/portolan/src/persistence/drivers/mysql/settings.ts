import type { ServerSettings } from '../../server/url.ts'
import { collation } from './statements.ts'

/** What statements mean in every session, whatever the server's defaults are. */
const modes = [
  // A value that does not fit is an error instead of another value.
  'STRICT_ALL_TABLES',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  // As in the standard and the other engines: "name", 'it''s \ text', a || b.
  'ANSI_QUOTES',
  'NO_BACKSLASH_ESCAPES',
  'PIPES_AS_CONCAT',
]

/** The longest that the server takes for its lock timeouts, in seconds. */
const neverSeconds = 31_536_000

export type SessionLimits = Pick<
  ServerSettings,
  'statementTimeoutMs' | 'lockTimeoutMs' | 'idleTransactionTimeoutMs'
>

/**
 * One statement that prepares a session. MariaDB and MySQL call some of its variables differently; each reads the comments that are
 * its own: MariaDB `M!`, and skips those for versions 5.7 to 9.9 of MySQL.
 */
export function sessionSettings(limits: SessionLimits | undefined): string {
  const shared = [
    `NAMES utf8mb4 COLLATE ${collation}`,
    `sql_mode = '${modes.join(',')}'`,
    `time_zone = '+00:00'`,
    'autocommit = 1',
    // What is too long would be cut, with no more than a warning.
    'group_concat_max_len = 1048576',
  ]
  const mariadb = [
    `tx_isolation = 'READ-COMMITTED'`,
    // Long lists would become subqueries, for which a DELETE reads the whole table.
    'in_predicate_conversion_threshold = 0',
  ]
  const mysql = [`transaction_isolation = 'READ-COMMITTED'`]
  if (limits) {
    const { statementTimeoutMs, lockTimeoutMs, idleTransactionTimeoutMs } = limits
    const lockSeconds = lockTimeoutMs === 0 ? neverSeconds : seconds(lockTimeoutMs)
    shared.push(`innodb_lock_wait_timeout = ${lockSeconds}`, `lock_wait_timeout = ${lockSeconds}`)
    mariadb.push(`max_statement_time = ${statementTimeoutMs / 1_000}`)
    // Of queries alone; the connection watches over the rest.
    mysql.push(`max_execution_time = ${Math.ceil(statementTimeoutMs)}`)
    if (idleTransactionTimeoutMs > 0) {
      mariadb.push(`idle_transaction_timeout = ${seconds(idleTransactionTimeoutMs)}`)
      // MySQL knows no other; the pool replaces what it ends outside of transactions.
      mysql.push(`wait_timeout = ${seconds(idleTransactionTimeoutMs)}`)
    }
  }
  return `SET ${shared.join(', ')} /*M! , ${mariadb.join(', ')} */ /*!80000 , ${mysql.join(', ')} */`
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000))
}
