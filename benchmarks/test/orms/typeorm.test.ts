import { test } from 'node:test'
import 'reflect-metadata'
import BetterSqlite from 'better-sqlite3'
import { typeormTransactions } from 'portolan/persistence'
import { DataSource, type DataSourceOptions, type EntityManager, EntitySchema } from 'typeorm'
import type { EngineName, Entry, OpenOrm } from './harness.ts'
import { onEngines } from './on-engines.ts'

const text = (length: number) => ({ type: 'varchar', length }) as const
const whole = { type: 'integer' } as const
const entries = new EntitySchema<Entry & { version: number }>({
  name: 'Entry',
  tableName: 'entries',
  columns: {
    id: { ...text(36), primary: true },
    name: text(100),
    category: text(40),
    price: whole,
    listed: whole,
    version: whole,
  },
})

const options: Record<EngineName, (url: string) => DataSourceOptions> = {
  sqlite: database => ({ type: 'better-sqlite3', database, entities: [entries], driver: BetterSqlite }),
  postgres: url => ({ type: 'postgres', url, entities: [entries], extra: { max: 4 } }),
  mysql: url => ({ type: 'mariadb', url, entities: [entries], extra: { connectionLimit: 4 } }),
}

const openTypeorm: OpenOrm = async (engine, url) => {
  const source = await new DataSource(options[engine](url)).initialize()
  return {
    transactions: typeormTransactions(source),
    inside: transaction => {
      const manager = transaction as EntityManager
      return {
        insert: entry => manager.insert(entries, { ...entry, version: 1 }),
        namesIn: async category => (await manager.findBy(entries, { category })).map(({ name }) => name),
      }
    },
    [Symbol.asyncDispose]: () => source.destroy(),
  }
}

for (const { name, options, run } of await onEngines(
  'TypeORM',
  ['sqlite', 'postgres', 'mysql'],
  openTypeorm,
)) {
  test(name, options, run)
}
