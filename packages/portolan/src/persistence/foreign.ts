import type { Connection, Dialect } from './connection.ts'
import type { MysqlClient } from './drivers/mysql/client.ts'
import type { PgClient } from './drivers/postgres/client.ts'
import type { SqliteHandle } from './drivers/sqlite/client.ts'

/**
 * Transactions that something else opens and ends, such as an ORM: see `prismaTransactions`, `typeormTransactions`, `drizzleTransactions`,
 * `mikroOrmTransactions` and `knexTransactions`, and `Database.runIn` for what to do with them.
 *
 * @example
 * const transactions: ForeignTransactions<PoolClient> = {
 *   dialect: 'postgres',
 *   async run(work) {
 *     const client = await pool.connect()
 *     try {
 *       await client.query('BEGIN')
 *       const result = await work(client)
 *       await client.query('COMMIT')
 *       return result
 *     } catch (error) {
 *       await client.query('ROLLBACK')
 *       throw error
 *     } finally {
 *       client.release()
 *     }
 *   },
 *   client: transaction => transaction,
 * }
 */
export interface ForeignTransactions<Transaction> {
  readonly dialect: Dialect
  /**
   * Runs `work` in a transaction of its own: neither in one that is open already, nor in a savepoint. Resolves with its result after the
   * commit; when `work` rejects, rolls back and rejects. May run it again in another transaction.
   */
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** What runs statements in `transaction`. */
  client(transaction: Transaction): ForeignClient | Promise<ForeignClient>
}

/**
 * What runs the statements of a transaction: the client of the engine's own library (of `pg`, `mysql2`, `node:sqlite` or
 * `better-sqlite3`), something that takes what it takes, or, on SQLite, anything that runs statements.
 */
export type ForeignClient = ForeignClients[Dialect]

export interface ForeignClients {
  readonly postgres: Pick<PgClient, 'query'>
  readonly mysql: Pick<MysqlClient, 'query' | 'execute'>
  readonly sqlite: SqliteHandle | Connection
}
