import type { Connection, Dialect } from '../driver.ts'
import { notPrepared } from '../drivers/mysql/text-values.ts'
import type { SqliteHandle } from '../drivers/sqlite/client.ts'
import type { ForeignClients, ForeignTransactions } from '../foreign.ts'
import type { SqlValue } from '../sql-value.ts'
import { alreadyOpen, dialectOf } from './dialect.ts'
import { plainRows } from './values.ts'

/** The part of an `EntityManager` of MikroORM 7 that is used, described here so that nobody else needs the package. */
export interface MikroOrmLike<Options> {
  isInTransaction(): boolean
  getTransactionContext(): unknown
  getConnection(): { getNativeClient?(): Promise<unknown> }
  getDriver(): object
  transactional<T>(work: (em: this) => Promise<T>, options?: Options): Promise<T>
}

/** A transaction of Kysely, which runs the statements of MikroORM. */
interface KyselyTransaction {
  executeQuery(query: {
    readonly sql: unknown
    readonly parameters: readonly unknown[]
    readonly query: object
    readonly queryId: object
  }): Promise<{ readonly rows: unknown[]; readonly numAffectedRows?: bigint | undefined }>
}

/**
 * Transactions of MikroORM 7, for `Database.runIn`: over PostgreSQL, MySQL, MariaDB and SQLite. What entities have changed is flushed
 * after the work, as `em.transactional` does: flush earlier what statements of the library are to find.
 *
 * @param em - It is forked for each transaction.
 * @param options - As `em.transactional` takes them.
 * @example
 * await database.runIn(mikroOrmTransactions(orm.em), async em => {
 *   em.create(Order, { id: 'o-1', status: 'placed' })
 *   await messages.publish(OrderPlaced, { orderId: 'o-1' })
 * })
 */
export function mikroOrmTransactions<EntityManager extends MikroOrmLike<Options>, Options>(
  em: EntityManager,
  options?: Options,
): ForeignTransactions<EntityManager> {
  // As in PostgreSqlDriver.
  const dialect = dialectOf('MikroORM', em.getDriver().constructor.name.replace(/Driver$/, ''))
  return {
    dialect,
    async run(work) {
      if (em.isInTransaction()) throw alreadyOpen('MikroORM')
      return em.transactional(work, options)
    },
    client: inside =>
      clients[dialect](new Queries(inside.getTransactionContext() as KyselyTransaction), inside),
  }
}

const clients: {
  readonly [Engine in Dialect]: (
    queries: Queries,
    em: Pick<MikroOrmLike<never>, 'getConnection'>,
  ) => ForeignClients[Engine] | Promise<ForeignClients[Engine]>
} = {
  postgres: queries => ({
    async query(statement) {
      const { rows, numAffectedRows } = await queries.run(statement, statement.values)
      return { rows, rowCount: Number(numAffectedRows ?? rows.length), command: '' }
    },
  }),
  mysql: queries => ({
    query(statement, done) {
      queries.run(statement, []).then(
        ({ rows, numAffectedRows }) =>
          done(null, numAffectedRows === undefined ? rows : { affectedRows: Number(numAffectedRows) }, []),
        (error: Error) => done(error, undefined, undefined),
      )
    },
    execute: (_statement, done) => done(notPrepared(), undefined, undefined),
  }),
  // There is one connection, so it is that of the transaction; of a dialect that was brought along it is not known.
  sqlite: async (queries, em) => {
    const native = await em
      .getConnection()
      .getNativeClient?.()
      .catch(() => undefined)
    return (native as SqliteHandle | undefined) ?? sqliteStatements(queries)
  },
}

/**
 * The statements of a transaction of Kysely. It hands `sql` to the engine's client as it is, and that of PostgreSQL and of MySQL takes an
 * object, too, which says how values are to be read.
 */
class Queries {
  readonly #transaction: KyselyTransaction

  constructor(transaction: KyselyTransaction) {
    this.#transaction = transaction
  }

  run(sql: unknown, parameters: readonly unknown[] = []): ReturnType<KyselyTransaction['executeQuery']> {
    return this.#transaction.executeQuery({
      sql,
      parameters,
      query: { kind: 'RawNode' },
      queryId: { queryId: 'portolan' },
    })
  }
}

function sqliteStatements(queries: Queries): Connection {
  const bound = (parameters: readonly SqlValue[]) =>
    parameters.map(value => (Number.isSafeInteger(value) ? BigInt(value as number) : value))
  return {
    query: async (sql, parameters) => plainRows((await queries.run(sql, bound(parameters))).rows),
    execute: async (sql, parameters) =>
      Number((await queries.run(sql, bound(parameters))).numAffectedRows ?? 0),
  }
}
