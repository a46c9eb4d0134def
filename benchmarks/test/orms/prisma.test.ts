import { test } from 'node:test'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaPg } from '@prisma/adapter-pg'
import { type PrismaStatements, prismaTransactions } from 'portolan/persistence'
import { mariaDbAdapter, prismaClient } from '../../src/persistence/contenders/prisma-client.ts'
import type { EngineName, Entry, OpenOrm } from './harness.ts'
import { onEngines } from './on-engines.ts'

const adapters = {
  sqlite: (path: string) => new PrismaBetterSqlite3({ url: `file:${path}` }),
  postgres: (url: string) => new PrismaPg({ connectionString: url, max: 4 }),
  mysql: mariaDbAdapter,
} satisfies Record<EngineName, (url: string) => object>

/** The part of a generated client that is used, which is there only after it was generated. */
interface Transaction extends PrismaStatements {
  readonly entry: {
    create(query: { data: Entry & { version: number } }): Promise<unknown>
    findMany(query: { where: { category: string } }): Promise<Entry[]>
  }
}
interface Client extends Transaction {
  $transaction<P extends Promise<unknown>[]>(operations: [...P]): Promise<unknown[]>
  $transaction<T>(
    work: (transaction: Omit<Client, '$connect' | '$disconnect'>) => Promise<T>,
    options?: { maxWait?: number; timeout?: number },
  ): Promise<T>
  $disconnect(): Promise<void>
}

const openPrisma: OpenOrm = async (engine, url) => {
  const client = (await prismaClient(engine, adapters[engine](url))) as unknown as Client
  const options = { maxWait: 30_000, timeout: 30_000 }
  return {
    transactions: prismaTransactions(client, options),
    inside: transaction => {
      const tx = transaction as Client
      return {
        insert: entry => tx.entry.create({ data: { ...entry, version: 1 } }),
        namesIn: async category => (await tx.entry.findMany({ where: { category } })).map(({ name }) => name),
        nested: prismaTransactions(tx),
      }
    },
    [Symbol.asyncDispose]: () => client.$disconnect(),
  }
}

for (const { name, options, run } of await onEngines('Prisma', ['sqlite', 'postgres', 'mysql'], openPrisma)) {
  test(name, options, run)
}
