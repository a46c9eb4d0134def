import type { InfrastructureError } from '../../../ports/errors.ts'
import type { Isolation } from '../../../ports/unit-of-work.ts'
import type { TransactionOptions } from '../../driver.ts'
import { idleTooLong, lostBefore, unknownCommit } from '../../server/loss.ts'
import type { ServerTransaction } from '../../server/operations.ts'
import type { SqlRow, SqlValue } from '../../sql-value.ts'
import type { MysqlConnection } from './connection.ts'
import { classifyMysql } from './errors.ts'
import { endsUnit, isLoss } from './server-error.ts'
import type { MysqlSessions } from './sessions.ts'
import type { MysqlStatements } from './statements.ts'

/**
 * One transaction. It takes a connection with its first statement, so that what is awaited before holds none. A change of the schema
 * commits what was done before, as MySQL has it; what comes after is a transaction again.
 */
export class MysqlTransaction implements ServerTransaction {
  /** It changed something. */
  wrote = false
  readonly #sessions: MysqlSessions
  readonly #statements: MysqlStatements
  readonly #isolation: Isolation
  readonly #readOnly: boolean
  readonly #signal: AbortSignal | undefined
  #opened: Promise<MysqlConnection> | undefined
  #beginning: Promise<void> | undefined
  /** Why nothing more can be done in it. */
  #loss: InfrastructureError | undefined

  constructor(
    sessions: MysqlSessions,
    statements: MysqlStatements,
    { isolation, readOnly, signal }: TransactionOptions,
  ) {
    this.#sessions = sessions
    this.#statements = statements
    // What only reads sees one moment, as it does in the other engines. For the rest, the level of MySQL locks gaps between rows,
    // which makes writers of different rows collide.
    this.#isolation = isolation ?? (readOnly ? 'repeatable_read' : 'read_committed')
    this.#readOnly = readOnly
    this.#signal = signal
  }

  query(sql: string, parameters: readonly SqlValue[]): Promise<SqlRow[]> {
    return this.#run(sql, connection => connection.query(sql, parameters))
  }

  execute(sql: string, parameters: readonly SqlValue[]): Promise<number> {
    return this.#run(sql, connection => connection.execute(sql, parameters))
  }

  async commit(): Promise<void> {
    const connection = await this.#opened
    // Without a statement there is nothing to commit.
    if (!connection) return
    // There is nothing that could still go wrong for the caller.
    if (this.#readOnly) return void this.rollback()
    try {
      if (this.#loss) throw this.#loss
      if (connection.lost) throw this.#lost(connection, undefined)
      if (connection.inTransaction) await this.#sendCommit(connection)
    } finally {
      this.#sessions.release(connection, { broken: connection.inTransaction })
    }
  }

  /** Resolves when the connection is free again; never rejects. */
  async rollback(): Promise<void> {
    const connection = await this.#opened?.catch(() => undefined)
    if (!connection) return
    if (this.#signal?.aborted && connection.busy) {
      // Its locks are free at once. The session ends with its statement: a late interruption could hit its next user.
      await this.#sessions.kill('CONNECTION', connection.client.threadId)
      this.#sessions.release(connection, { broken: true })
      return
    }
    try {
      await connection.command('ROLLBACK')
      this.#sessions.release(connection)
    } catch {
      this.#sessions.release(connection, { broken: true })
    }
  }

  async #run<T>(sql: string, perform: (connection: MysqlConnection) => Promise<T>): Promise<T> {
    const { facts, endsTransaction } = this.#statements.of(sql)
    this.#opened ??= Promise.resolve(this.#sessions.acquire(this.#signal))
    const connection = await this.#opened
    if (this.#loss) throw this.#loss
    try {
      if (!connection.inTransaction) await this.#begin(connection)
      if (facts.changesRows || endsTransaction) this.wrote = true
      return await perform(connection)
    } catch (error) {
      // Even if it changed nothing.
      if (endsTransaction) connection.inTransaction = false
      // The server has rolled back, and would take each further statement for a transaction of its own.
      if (isLoss(error)) this.#lost(connection, error)
      else if (endsUnit(error)) this.#loss ??= classifyMysql(error)
      throw this.#loss ?? error
    }
  }

  /** Once for statements that are started together. */
  #begin(connection: MysqlConnection): Promise<void> {
    this.#beginning ??= connection.begin(this.#isolation, this.#readOnly).finally(() => {
      this.#beginning = undefined
    })
    return this.#beginning
  }

  async #sendCommit(connection: MysqlConnection): Promise<void> {
    try {
      await connection.command('COMMIT')
    } catch (error) {
      if (!isLoss(error)) throw classifyMysql(error)
      this.#sessions.dropIdle()
      throw this.wrote ? unknownCommit(error) : lostBefore(error)
    }
  }

  #lost({ lostIdle }: MysqlConnection, cause: unknown): InfrastructureError {
    if (!lostIdle) this.#sessions.dropIdle()
    this.#loss ??= lostIdle ? idleTooLong(cause) : lostBefore(cause)
    return this.#loss
  }
}
