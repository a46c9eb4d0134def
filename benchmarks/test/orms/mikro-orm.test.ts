import { test } from 'node:test'
import { defineEntity, type EntityManager, type MikroORM, p } from '@mikro-orm/core'
import { mikroOrmTransactions } from 'portolan/persistence'
import type { EngineName, OpenOrm } from './harness.ts'
import { onEngines } from './on-engines.ts'

const entries = defineEntity({
  name: 'Entry',
  tableName: 'entries',
  properties: {
    id: p.string().length(36).primary(),
    name: p.string().length(100),
    category: p.string().length(40),
    price: p.integer(),
    listed: p.integer(),
    version: p.integer(),
  },
})

async function connect(engine: EngineName, url: string): Promise<MikroORM> {
  const options = { entities: [entries], pool: { min: 0, max: 4 } }
  switch (engine) {
    case 'sqlite': {
      const { MikroORM } = await import('@mikro-orm/sqlite')
      return (await MikroORM.init({ ...options, dbName: url })) as unknown as MikroORM
    }
    case 'postgres': {
      const { MikroORM } = await import('@mikro-orm/postgresql')
      return (await MikroORM.init({ ...options, clientUrl: url })) as unknown as MikroORM
    }
    case 'mysql': {
      const { MikroORM } = await import('@mikro-orm/mariadb')
      return (await MikroORM.init({ ...options, clientUrl: url })) as unknown as MikroORM
    }
  }
}

const openMikroOrm: OpenOrm = async (engine, url) => {
  const orm = await connect(engine, url)
  return {
    transactions: mikroOrmTransactions(orm.em),
    inside: transaction => {
      const em = transaction as EntityManager
      return {
        insert: entry => em.insert(entries, { ...entry, version: 1 }),
        namesIn: async category => (await em.find(entries, { category })).map(({ name }) => name),
        nested: mikroOrmTransactions(em),
      }
    },
    [Symbol.asyncDispose]: () => orm.close(true),
  }
}

for (const { name, options, run } of await onEngines(
  'MikroORM',
  ['sqlite', 'postgres', 'mysql'],
  openMikroOrm,
)) {
  test(name, options, run)
}
