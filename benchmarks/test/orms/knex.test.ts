import { test } from 'node:test'
import createKnex, { type Knex } from 'knex'
import { knexTransactions } from 'portolan/persistence'
import type { EngineName, OpenOrm } from './harness.ts'
import { onEngines } from './on-engines.ts'

const clients: Record<EngineName, string> = { sqlite: 'better-sqlite3', postgres: 'pg', mysql: 'mysql2' }

const openKnex: OpenOrm = async (engine, url) => {
  const knex = createKnex({
    client: clients[engine],
    connection: engine === 'sqlite' ? { filename: url } : url,
    useNullAsDefault: true,
    pool: engine === 'sqlite' ? { min: 1, max: 1 } : { min: 0, max: 4 },
  })
  return {
    transactions: knexTransactions(knex),
    inside: transaction => {
      const trx = transaction as Knex.Transaction
      return {
        insert: entry => trx('entries').insert({ ...entry, version: 1 }),
        namesIn: category => trx('entries').where({ category }).pluck('name'),
        nested: knexTransactions(trx),
      }
    },
    [Symbol.asyncDispose]: () => knex.destroy(),
  }
}

for (const { name, options, run } of await onEngines('Knex', ['sqlite', 'postgres', 'mysql'], openKnex)) {
  test(name, options, run)
}
