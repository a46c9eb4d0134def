import { InfrastructureError } from '../../../ports/errors.ts'
import type { Connection } from '../../driver.ts'
import type { ForeignClients } from '../../foreign.ts'
import type { StatementFacts } from '../../statement-text.ts'
import { overBetterSqlite } from './better-sqlite.ts'
import type { BetterSqliteHandle, SqliteHandle } from './client.ts'
import { SqliteConnection } from './connection.ts'

/** Transactions that something else opened, on a connection of its own to the same file. */
export class JoinedSqlite {
  readonly #facts: (sql: string) => StatementFacts
  /** By the connections of others, of which each has its prepared statements. */
  readonly #connections = new WeakMap<object, SqliteConnection>()

  constructor(facts: (sql: string) => StatementFacts) {
    this.#facts = facts
  }

  connect(client: ForeignClients['sqlite']): Connection {
    if (!isHandle(client)) return client
    let connection = this.#connections.get(client)
    if (!connection) {
      connection = new SqliteConnection(
        isBetterSqlite(client) ? overBetterSqlite(client) : client,
        this.#facts,
      )
      this.#connections.set(client, connection)
    }
    if (!connection.client.isTransaction) throw notInTransaction()
    return connection
  }
}

function isHandle(client: ForeignClients['sqlite']): client is SqliteHandle {
  return 'prepare' in client
}

function isBetterSqlite(client: SqliteHandle): client is BetterSqliteHandle {
  return 'inTransaction' in client
}

function notInTransaction(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'There is no transaction open on the connection, so each statement would be committed on its own.',
  )
}
