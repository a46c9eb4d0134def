import type { TransactionOptions } from '../../driver.ts'
import { lostBefore, unknownCommit } from '../../server/loss.ts'
import type { ServerTransaction } from '../../server/operations.ts'
import type { SqlRow, SqlValue } from '../../sql-value.ts'
import type { PostgresConnection } from './connection.ts'
import { classifyPostgres, isLoss, rolledBack } from './errors.ts'
import type { PostgresSessions } from './sessions.ts'
import type { PostgresStatements } from './statements.ts'

const levels = {
  read_committed: 'READ COMMITTED',
  repeatable_read: 'REPEATABLE READ',
  serializable: 'SERIALIZABLE',
} as const

/**
 * One transaction. It takes a connection with its first statement, so that what is awaited before holds none, and sends `BEGIN` in
 * the same packet.
 */
export class PostgresTransaction implements ServerTransaction {
  /** It changed rows. */
  wrote = false
  readonly #sessions: PostgresSessions
  readonly #statements: PostgresStatements
  readonly #begin: string
  readonly #signal: AbortSignal | undefined
  /** Nothing can depend on how it ends. */
  readonly #onlyLooks: boolean
  #opened: Promise<PostgresConnection> | undefined
  #connection: PostgresConnection | undefined
  #begun: Promise<unknown> = Promise.resolve()
  #committing = false

  constructor(
    sessions: PostgresSessions,
    statements: PostgresStatements,
    { isolation, readOnly, signal }: TransactionOptions,
  ) {
    this.#sessions = sessions
    this.#statements = statements
    this.#signal = signal
    // A serializable transaction can be refused at its end, also when it only read.
    this.#onlyLooks = readOnly && isolation !== 'serializable'
    // What only reads sees one moment, as it does in the other engines.
    const level = isolation ?? (readOnly ? 'repeatable_read' : undefined)
    this.#begin = `BEGIN${level ? ` ISOLATION LEVEL ${levels[level]}` : ''}${readOnly ? ' READ ONLY' : ''}`
  }

  async query(sql: string, parameters: readonly SqlValue[]): Promise<SqlRow[]> {
    const opened = this.#open()
    const connection = opened instanceof Promise ? await opened : opened
    if (this.#statements.of(sql).facts.changesRows) this.wrote = true
    try {
      return await connection.query(sql, parameters)
    } catch (error) {
      throw this.#told(error)
    }
  }

  async execute(sql: string, parameters: readonly SqlValue[]): Promise<number> {
    const opened = this.#open()
    const connection = opened instanceof Promise ? await opened : opened
    if (this.#statements.of(sql).facts.changesRows) this.wrote = true
    try {
      return await connection.execute(sql, parameters)
    } catch (error) {
      throw this.#told(error)
    }
  }

  async copy(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
  ): Promise<number> {
    const connection = this.#connection ?? (await this.#open())
    this.wrote = true
    try {
      return await connection.copy(table, columns, rows)
    } catch (error) {
      throw this.#told(error)
    }
  }

  send(sql: string, parameters: readonly SqlValue[]): Promise<unknown> | undefined {
    const connection = this.#open()
    if (connection instanceof Promise) {
      // Who cannot wait for it executes the statement, and is told then.
      connection.catch(() => {})
      return undefined
    }
    if (this.#statements.of(sql).facts.changesRows) this.wrote = true
    return connection.send(sql, parameters).catch(error => {
      throw this.#told(error)
    })
  }

  async commit(): Promise<void> {
    const connection = await this.#opened
    // Without a statement there is nothing to commit.
    if (!connection) return
    if (this.#onlyLooks) {
      // Whoever has the connection next is answered after this.
      connection.command('COMMIT').catch(() => {})
      this.#sessions.release(connection)
      return
    }
    try {
      await this.#begun
      if (connection.lost) throw lostBefore(undefined)
      const done = await this.#sendCommit(connection)
      // What had failed inside makes PostgreSQL roll back, and say so only here.
      if (done === 'ROLLBACK') throw rolledBack()
    } finally {
      this.#sessions.release(connection)
    }
  }

  /** Resolves when the connection is free again; never rejects. */
  async rollback(): Promise<void> {
    const connection = await this.#opened?.catch(() => undefined)
    if (!connection) return
    if (this.#signal?.aborted && connection.busy) return this.#interrupt(connection)
    try {
      await connection.command('ROLLBACK')
      this.#sessions.release(connection)
    } catch {
      this.#sessions.release(connection, { broken: true })
    }
  }

  async #sendCommit(connection: PostgresConnection): Promise<string> {
    this.#committing = true
    try {
      return await connection.command('COMMIT')
    } catch (error) {
      if (!isLoss(error)) throw classifyPostgres(error)
      this.#sessions.dropIdle()
      throw this.wrote ? unknownCommit(error) : lostBefore(error)
    }
  }

  /** At once, where a connection is idle or was taken before. */
  #open(): PostgresConnection | Promise<PostgresConnection> {
    if (this.#connection) return this.#connection
    if (this.#opened) return this.#opened
    const acquired = this.#sessions.acquire(this.#signal)
    if (acquired instanceof Promise) {
      this.#opened = acquired.then(connection => this.#beginOn(connection))
      return this.#opened
    }
    this.#opened = Promise.resolve(acquired)
    return this.#beginOn(acquired)
  }

  #beginOn(connection: PostgresConnection): PostgresConnection {
    this.#begun = connection.command(this.#begin)
    // Should it fail, the statement right behind it does, too.
    this.#begun.catch(() => {})
    this.#connection = connection
    return connection
  }

  /** Ends what runs in the server, too. The connection is given up: a late cancellation could hit its next user. */
  async #interrupt(connection: PostgresConnection): Promise<void> {
    try {
      const helper = await this.#sessions.apart()
      try {
        await helper.query('SELECT pg_cancel_backend(?)', [connection.processId])
      } finally {
        await helper.close()
      }
    } catch {
      // The server cannot be reached, so it will notice that the connection is gone.
    }
    this.#sessions.release(connection, { broken: true })
  }

  #told(error: unknown): unknown {
    if (!isLoss(error)) return error
    this.#sessions.dropIdle()
    // The commit may be behind it.
    return this.#committing && this.wrote ? unknownCommit(error) : lostBefore(error)
  }
}
