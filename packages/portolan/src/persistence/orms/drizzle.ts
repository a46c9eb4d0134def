import { InfrastructureError } from '../../ports/errors.ts'
import type { Dialect } from '../driver.ts'
import type { ForeignClient, ForeignTransactions } from '../foreign.ts'
import { alreadyOpen } from './dialect.ts'

/** The part of a Drizzle database that is used, described here so that nobody else needs the package. */
export interface DrizzleLike<Transaction, Options> {
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: Options): Promise<T>
}

/** The parts of a transaction that Drizzle does not declare. */
interface Session {
  readonly session: {
    readonly client: { readonly connection?: object; on(event: 'error', listener: () => void): unknown }
  }
}

/** What Drizzle calls the class of a database: `NodePgDatabase`. */
const kind = Symbol.for('drizzle:entityKind')

/**
 * Transactions of Drizzle, for `Database.runIn`: over `pg` and `mysql2`. On SQLite those of Drizzle are synchronous, so that nothing can
 * be awaited in them.
 *
 * @param options - As `db.transaction` takes them.
 * @example
 * await database.runIn(drizzleTransactions(db), async tx => {
 *   await tx.insert(orders).values({ id: 'o-1', status: 'placed' })
 *   await messages.publish(OrderPlaced, { orderId: 'o-1' })
 * })
 */
export function drizzleTransactions<Transaction extends object, Options>(
  db: DrizzleLike<Transaction, Options>,
  options?: Options,
): ForeignTransactions<Transaction> {
  const dialect = dialectOf(db)
  const heard = new WeakSet<object>()
  return {
    dialect,
    async run(work) {
      if ('rollback' in db) throw alreadyOpen('Drizzle')
      return db.transaction(work, options)
    },
    client(transaction) {
      const { client } = (transaction as unknown as Session).session
      // Of mysql2, Drizzle has the client with promises.
      if (dialect === 'mysql') return client.connection as ForeignClient
      // Nobody else listens: the loss of a connection in a transaction would end the process.
      if (!heard.has(client)) client.on('error', () => {})
      heard.add(client)
      return client as unknown as ForeignClient
    },
  }
}

function dialectOf(db: object): Dialect {
  const name = (db.constructor as { [kind]?: string })[kind] ?? db.constructor.name
  if (/^NodePg/.test(name)) return 'postgres'
  if (/^MySql/.test(name)) return 'mysql'
  throw new InfrastructureError(
    'unsupported',
    `There is nothing to join in a transaction of Drizzle's ${name}: use drizzle-orm/node-postgres or drizzle-orm/mysql2.`,
  )
}
