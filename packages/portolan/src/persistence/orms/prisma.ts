import type { Connection, Dialect } from '../driver.ts'
import { notPrepared } from '../drivers/mysql/text-values.ts'
import type { ForeignClients, ForeignTransactions } from '../foreign.ts'
import type { SqlRow, SqlValue } from '../sql-value.ts'
import { factsOf } from '../statement-text.ts'
import { alreadyOpen, dialectOf } from './dialect.ts'
import { nativeError } from './prisma-errors.ts'
import { plainRows } from './values.ts'

/** The part of a client of Prisma that is used, described here because it is generated. */
export interface PrismaLike<Transaction, Options> {
  $transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: Options): Promise<T>
}

/** What runs the statements of a transaction. */
export interface PrismaStatements {
  $queryRawUnsafe<T = unknown>(sql: string, ...values: unknown[]): PromiseLike<T>
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number>
}

/**
 * Interactive transactions of Prisma, for `Database.runIn`: over `@prisma/adapter-pg`, `-mariadb` and `-better-sqlite3`. Prisma ends each
 * after its `timeout`, which is five seconds unless the options say otherwise.
 *
 * Prisma alone runs the statements, and reads values in its own way. What the library stores itself is not concerned; of columns of your
 * own, those with dates are refused (cast them to text in the query), JSON comes without its spaces, and a decimal without the zeros at
 * its end.
 *
 * @param options - As `prisma.$transaction` takes them.
 * @example
 * await database.runIn(prismaTransactions(prisma), async tx => {
 *   await tx.order.create({ data: { id: 'o-1', status: 'placed' } })
 *   await messages.publish(OrderPlaced, { orderId: 'o-1' })
 * })
 */
export function prismaTransactions<Transaction extends PrismaStatements, Options>(
  prisma: PrismaLike<Transaction, Options>,
  options?: Options,
): ForeignTransactions<Transaction> {
  const dialect = dialectOf('Prisma', (prisma as { _activeProvider?: string })._activeProvider)
  return {
    dialect,
    async run(work) {
      // A transaction has all of a client but this.
      if (!('$connect' in prisma)) throw alreadyOpen('Prisma')
      return prisma.$transaction(work, options)
    },
    client: transaction => clients[dialect](statementsIn(transaction, dialect)),
  }
}

const clients: { readonly [Engine in Dialect]: (statements: Statements) => ForeignClients[Engine] } = {
  postgres: ({ query, execute }) => ({
    async query({ text, values = [] }) {
      if (!factsOf(text).returnsRows) return { rows: [], rowCount: await execute(text, values), command: '' }
      const rows = await query(text, values)
      return { rows, rowCount: rows.length, command: '' }
    },
  }),
  mysql: ({ query, execute }) => ({
    query({ sql }, done) {
      const answer: Promise<unknown> = factsOf(sql).returnsRows
        ? query(sql, [])
        : execute(sql, []).then(affectedRows => ({ affectedRows, info: '' }))
      answer.then(
        result => done(null, result, []),
        (error: Error) => done(error, undefined, undefined),
      )
    },
    execute: (_statement, done) => done(notPrepared(), undefined, undefined),
  }),
  sqlite: ({ query, execute }): Connection => ({
    query: (sql, parameters) => query(sql, whole(parameters)),
    execute: async (sql, parameters) => {
      // Prisma counts what an earlier statement changed when this one changes nothing.
      const changed = await execute(sql, whole(parameters))
      return factsOf(sql).changesRows ? changed : 0
    },
  }),
}

interface Statements {
  query(sql: string, values: readonly unknown[]): Promise<SqlRow[]>
  execute(sql: string, values: readonly unknown[]): Promise<number>
}

function statementsIn(transaction: PrismaStatements, dialect: Dialect): Statements {
  const converted = async <T>(answer: PromiseLike<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      throw nativeError(error, dialect)
    }
  }
  return {
    query: async (sql, values) =>
      plainRows(await converted(transaction.$queryRawUnsafe<unknown[]>(sql, ...values))),
    execute: (sql, values) => converted(transaction.$executeRawUnsafe(sql, ...values)),
  }
}

/** SQLite would store what comes as a number as one with a fraction. */
function whole(values: readonly SqlValue[]): unknown[] {
  return values.map(value => (Number.isSafeInteger(value) ? BigInt(value as number) : value))
}
