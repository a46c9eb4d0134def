import assert from 'node:assert/strict'
import { test } from 'node:test'
import BetterSqlite from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { int, mysqlTable, varchar as mysqlVarchar } from 'drizzle-orm/mysql-core'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { integer, pgTable, varchar } from 'drizzle-orm/pg-core'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import { InfrastructureError } from 'portolan'
import { drizzleTransactions } from 'portolan/persistence'
import type { Inside, OpenOrm, Orm } from './harness.ts'
import { onEngines } from './on-engines.ts'

const onPostgres = (url: string): Orm => {
  const entries = pgTable('entries', {
    id: varchar({ length: 36 }).primaryKey(),
    name: varchar({ length: 100 }).notNull(),
    category: varchar({ length: 40 }).notNull(),
    price: integer().notNull(),
    listed: integer().notNull(),
    version: integer().notNull(),
  })
  const client = new pg.Pool({ connectionString: url, max: 4 })
  // The server ends a connection of it in a test.
  client.on('error', () => {})
  const db = drizzlePostgres({ client })
  type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0]
  return {
    transactions: drizzleTransactions(db),
    inside: (transaction): Inside => {
      const tx = transaction as Transaction
      return {
        insert: entry => tx.insert(entries).values({ ...entry, version: 1 }),
        namesIn: async category =>
          (await tx.select().from(entries).where(eq(entries.category, category))).map(({ name }) => name),
        nested: drizzleTransactions(tx),
      }
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

const onMysql = (url: string): Orm => {
  const entries = mysqlTable('entries', {
    id: mysqlVarchar({ length: 36 }).primaryKey(),
    name: mysqlVarchar({ length: 100 }).notNull(),
    category: mysqlVarchar({ length: 40 }).notNull(),
    price: int().notNull(),
    listed: int().notNull(),
    version: int().notNull(),
  })
  const client = createPool({ uri: url, connectionLimit: 4 })
  const db = drizzleMysql({ client })
  type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0]
  return {
    transactions: drizzleTransactions(db),
    inside: (transaction): Inside => {
      const tx = transaction as Transaction
      return {
        insert: entry => tx.insert(entries).values({ ...entry, version: 1 }),
        namesIn: async category =>
          (await tx.select().from(entries).where(eq(entries.category, category))).map(({ name }) => name),
        nested: drizzleTransactions(tx),
      }
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

const openDrizzle: OpenOrm = async (engine, url) => (engine === 'postgres' ? onPostgres(url) : onMysql(url))

for (const { name, options, run } of await onEngines('Drizzle', ['postgres', 'mysql'], openDrizzle)) {
  test(name, options, run)
}

test('Drizzle on SQLite, whose transactions cannot wait for anything, is refused', () => {
  const db = drizzleSqlite({ client: new BetterSqlite(':memory:') })
  assert.throws(
    () => drizzleTransactions(db),
    error => InfrastructureError.is(error, 'unsupported'),
  )
})
