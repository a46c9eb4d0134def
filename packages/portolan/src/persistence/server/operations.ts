import type { Connection, DatabaseDriver, TransactionOptions } from '../driver.ts'
import type { StatementFacts } from '../statement-text.ts'
import { lostBefore, unknownCommit } from './loss.ts'
import type { Sessions } from './sessions.ts'

/** A transaction that takes a connection with its first statement. */
export interface ServerTransaction extends Connection {
  /** It changed something. */
  readonly wrote: boolean
  commit(): Promise<void>
  /** Resolves when the connection is free again; never rejects. */
  rollback(): Promise<void>
}

/** Tells listeners of commits. */
export interface CommitFeed {
  listen(listener: () => void): () => void
  /** To be called after a commit that changed something. */
  signal(): void
  close(): void | Promise<void>
}

export interface ServerParts<Session extends Connection> {
  readonly sessions: Sessions<Session>
  readonly commits: CommitFeed
  readonly factsOf: (sql: string) => StatementFacts
  readonly begin: (options: TransactionOptions) => ServerTransaction
  /** Whether an error means that the connection is gone, rather than one statement refused. */
  readonly isLoss: (error: unknown) => boolean
}

/** The part of a driver that `serverOperations` makes. */
export type ServerOperations = Pick<
  DatabaseDriver,
  'autocommit' | 'transaction' | 'onCommit' | 'signal' | 'health' | 'close'
>

/** What drivers of servers do alike. */
export function serverOperations<Session extends Connection>({
  sessions,
  commits,
  factsOf,
  begin,
  isLoss,
}: ServerParts<Session>): ServerOperations {
  async function alone<T>(sql: string, statement: (session: Session) => T | Promise<T>): Promise<T> {
    const { onlyReads, changesRows, untold } = factsOf(sql)
    const session = await sessions.acquire()
    let result: T
    try {
      result = await statement(session)
    } catch (error) {
      const broken = isLoss(error)
      sessions.release(session, { broken })
      if (!broken) throw error
      sessions.dropIdle()
      throw onlyReads ? lostBefore(error) : unknownCommit(error)
    }
    sessions.release(session)
    if (changesRows && !untold) commits.signal()
    return result
  }

  const autocommit: Connection = {
    query: (sql, parameters) => alone(sql, session => session.query(sql, parameters)),
    execute: (sql, parameters) => alone(sql, session => session.execute(sql, parameters)),
  }

  return {
    autocommit,
    async transaction(options, work) {
      const transaction = begin(options)
      let result: Awaited<ReturnType<typeof work>>
      try {
        result = await work(transaction)
      } catch (error) {
        const leaving = transaction.rollback()
        // Who gave up waits for nothing; the pool waits for the connection.
        if (!options.signal?.aborted) await leaving
        throw error
      }
      await transaction.commit()
      if (transaction.wrote) commits.signal()
      return result
    },
    onCommit: listener => commits.listen(listener),
    signal: () => commits.signal(),
    async health() {
      await autocommit.query('SELECT 1', [])
      return { status: 'up' }
    },
    async close(late) {
      await commits.close()
      await sessions.close(late)
    },
  }
}
