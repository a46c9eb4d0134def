import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock } from '../../../ports/time.ts'
import type { Connection } from '../../driver.ts'
import type { ForeignClients } from '../../foreign.ts'
import type { SqlValue } from '../../sql-value.ts'
import { MysqlConnection } from './connection.ts'
import { classifyMysql } from './errors.ts'
import { writtenFor } from './foreign-session.ts'
import { endsUnit } from './server-error.ts'
import { MysqlStatements } from './statements.ts'
import { readMysqlValue } from './text-values.ts'
import type { UniqueKeys } from './unique-keys.ts'

/** Transactions that something else opened. Values are written into the text of statements, of which none stays prepared. */
export class JoinedMysql {
  readonly #keys: UniqueKeys
  readonly #clock: Clock
  /** By the modes of sessions, of which a pool has one as a rule. */
  readonly #statements = new Map<string, MysqlStatements>()
  readonly #plain = new MysqlStatements(sql => sql)

  constructor(keys: UniqueKeys, clock: Clock) {
    this.#keys = keys
    this.#clock = clock
  }

  async connect(client: ForeignClients['mysql']): Promise<Connection> {
    const [row] = await this.#over(client, this.#plain).query('SELECT @@SESSION.sql_mode AS modes', [])
    const modes = String(row!.modes)
    let statements = this.#statements.get(modes)
    if (!statements) {
      statements = new MysqlStatements(writtenFor(modes))
      this.#statements.set(modes, statements)
    }
    return guarded(this.#over(client, statements), statements)
  }

  #over(client: ForeignClients['mysql'], statements: MysqlStatements): MysqlConnection {
    return new MysqlConnection(
      {
        threadId: null,
        // Whatever the settings of the connection are, values are read in the library's way, as they arrive.
        query: (statement, done) =>
          client.query({ ...statement, typeCast: readMysqlValue }, (error, result) =>
            done(error, result, []),
          ),
        execute: (statement, done) => client.execute(statement, done),
        // Whoever opened the session listens to its events, and ends it.
        on() {},
        connect() {},
        ping() {},
        end() {},
        destroy() {},
      },
      {
        statements,
        keys: this.#keys,
        clock: this.#clock,
        statementTimeoutMs: 0,
        idleTransactionTimeoutMs: 0,
        integer: String,
        interrupt: async () => {},
        ownsSession: false,
      },
    )
  }
}

/** Nothing commits or follows a transaction that is not the library's. */
function guarded(connection: MysqlConnection, statements: MysqlStatements): Connection {
  let loss: InfrastructureError | undefined
  const safely =
    <T>(perform: (sql: string, parameters: readonly SqlValue[]) => Promise<T>) =>
    async (sql: string, parameters: readonly SqlValue[]): Promise<T> => {
      if (loss) throw loss
      if (statements.of(sql).endsTransaction) throw wouldCommit()
      try {
        return await perform(sql, parameters)
      } catch (error) {
        // The server has rolled back, and would take each further statement for a transaction of its own.
        if (endsUnit(error)) loss = classifyMysql(error)
        throw loss ?? error
      }
    }
  return {
    query: safely((sql, parameters) => connection.query(sql, parameters)),
    execute: safely((sql, parameters) => connection.execute(sql, parameters)),
  }
}

function wouldCommit(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'MySQL would commit the transaction for this statement, which is not ours to end. Change the schema before or after it.',
  )
}
