import type { ForeignClient, ForeignTransactions } from '../foreign.ts'
import { alreadyOpen, dialectOf } from './dialect.ts'

/** The part of a Knex instance that is used, described here so that nobody else needs the package. */
export interface KnexLike<Transaction, Options> {
  readonly isTransaction?: boolean | undefined
  readonly client: { readonly dialect?: string }
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: Options): Promise<T>
}

/**
 * Transactions of Knex, for `Database.runIn`: over `pg`, `mysql2` and `better-sqlite3`.
 *
 * @param options - As `knex.transaction` takes them.
 * @example
 * await database.runIn(knexTransactions(knex), async trx => {
 *   await trx('orders').insert({ id: 'o-1', status: 'placed' })
 *   await messages.publish(OrderPlaced, { orderId: 'o-1' })
 * })
 */
export function knexTransactions<Transaction extends { readonly client: unknown }, Options>(
  knex: KnexLike<Transaction, Options>,
  options?: Options,
): ForeignTransactions<Transaction> {
  return {
    dialect: dialectOf('Knex', knex.client.dialect),
    run: async work => {
      if (knex.isTransaction) throw alreadyOpen('Knex')
      return knex.transaction(work, options)
    },
    // That of a transaction has one connection.
    client: ({ client }) => (client as { acquireConnection(): Promise<ForeignClient> }).acquireConnection(),
  }
}
