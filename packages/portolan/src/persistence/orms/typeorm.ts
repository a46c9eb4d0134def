import type { ForeignClient, ForeignTransactions } from '../foreign.ts'
import { alreadyOpen, dialectOf } from './dialect.ts'

/** The part of a `DataSource` of TypeORM that is used, described here so that nobody else needs the package. */
export interface TypeormLike<Manager> {
  readonly options: { readonly type: string }
  readonly manager: Manager
  createQueryRunner(): { readonly isTransactionActive: boolean }
  transaction<T>(work: (manager: Manager) => Promise<T>): Promise<T>
  transaction<T>(isolation: TypeormIsolation, work: (manager: Manager) => Promise<T>): Promise<T>
}

/** As TypeORM calls the levels. */
export type TypeormIsolation = 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE'

export interface TypeormOptions {
  /** Default: that of the server. */
  readonly isolation?: TypeormIsolation
}

/**
 * Transactions of TypeORM, for `Database.runIn`: over `pg`, `mysql2` and `better-sqlite3`. A data source of SQLite has one connection,
 * and TypeORM makes what begins while a transaction is open a part of that: here they take turns.
 *
 * @example
 * await database.runIn(typeormTransactions(dataSource), async manager => {
 *   await manager.insert(Order, { id: 'o-1', status: 'placed' })
 *   await messages.publish(OrderPlaced, { orderId: 'o-1' })
 * })
 */
export function typeormTransactions<Manager extends { readonly queryRunner?: unknown }>(
  source: TypeormLike<Manager>,
  { isolation }: TypeormOptions = {},
): ForeignTransactions<Manager> {
  const dialect = dialectOf('TypeORM', source.options.type)
  const run: ForeignTransactions<Manager>['run'] = work =>
    isolation ? source.transaction(isolation, work) : source.transaction(work)
  let last: Promise<unknown> = Promise.resolve()
  return {
    dialect,
    run(work) {
      if (dialect !== 'sqlite') return run(work)
      const turn = last.then(() => {
        // There is one of it.
        if (source.createQueryRunner().isTransactionActive) throw alreadyOpen('TypeORM')
        return run(work)
      })
      last = turn.catch(() => {})
      return turn
    },
    client: ({ queryRunner }) => (queryRunner as { connect(): Promise<ForeignClient> }).connect(),
  }
}
