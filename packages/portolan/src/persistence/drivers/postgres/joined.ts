import type { Clock } from '../../../ports/time.ts'
import type { Connection } from '../../driver.ts'
import type { ForeignClients } from '../../foreign.ts'
import { PostgresConnection } from './connection.ts'
import { PostgresStatements } from './statements.ts'

/**
 * Statements in a transaction that something else opened. None is prepared by name: the session and the names in it are not the
 * library's.
 */
export function joinedPostgres(client: ForeignClients['postgres'], clock: Clock): Connection {
  const connection = new PostgresConnection(
    {
      query: statement => client.query(statement),
      // Whoever opened the session listens to its events, and ends it.
      on() {},
      connect: async () => {},
      end: async () => {},
    },
    { statements: new PostgresStatements(false), clock, statementTimeoutMs: 0 },
  )
  return {
    query: (sql, parameters) => connection.query(sql, parameters),
    execute: (sql, parameters) => connection.execute(sql, parameters),
  }
}
