import BetterSqlite from 'better-sqlite3'
import {
  type Expression,
  Kysely,
  MysqlDialect,
  ParseJSONResultsPlugin,
  PostgresDialect,
  type SqlBool,
  SqliteDialect,
} from 'kysely'
import { jsonArrayFrom as postgresArray } from 'kysely/helpers/postgres'
import { jsonArrayFrom as sqliteArray } from 'kysely/helpers/sqlite'
import { createPool } from 'mysql2'
import pg from 'pg'
import Cursor from 'pg-cursor'
import type { Engine } from '../ground.ts'
import { sqlitePragmas } from '../grounds/sqlite.ts'
import { type Product, size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'
import type { LineRow, OrderRow, ProductRow } from './sql.ts'

interface Tables {
  products: ProductRow
  entries: ProductRow
  orders: OrderRow
  order_lines: LineRow & { order_id: string }
}

const dialects = {
  sqlite(path: string) {
    const database = new BetterSqlite(path)
    for (const pragma of sqlitePragmas) database.pragma(pragma)
    return new SqliteDialect({ database })
  },
  postgres: (url: string) =>
    new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 4 }), cursor: Cursor }),
  mysql: (url: string) => new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 4 }) }),
}

const versioned = (product: Product): ProductRow => ({ ...product, version: 1 })

/**
 * Kysely with its own dialects. Orders and their lines are one select with an array of JSON, as its recipe for relations has it; two
 * on MariaDB, which does not have the cast that its helper needs.
 */
export function kysely(url: string, engine: Engine['name']): Store {
  const db = new Kysely<Tables>({ dialect: dialects[engine](url) })
  const related = engine === 'sqlite' ? db.withPlugin(new ParseJSONResultsPlugin()) : db
  const arrayOf = engine === 'sqlite' ? sqliteArray : postgresArray
  const findRelated = (id: string) =>
    related
      .selectFrom('orders')
      .selectAll()
      .select(eb =>
        arrayOf(
          eb
            .selectFrom('order_lines')
            .select(['sku', 'quantity', 'price'])
            .whereRef('order_lines.order_id', '=', 'orders.id')
            .orderBy('sku'),
        ).as('lines'),
      )
      .where('id', '=', id)
      .executeTakeFirst()
  return {
    findProduct: id => db.selectFrom('products').selectAll().where('id', '=', id).executeTakeFirst(),
    async findOrder(id) {
      if (engine !== 'mysql') return findRelated(id)
      const order = await db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst()
      if (!order) return undefined
      const lines = await db
        .selectFrom('order_lines')
        .select(['sku', 'quantity', 'price'])
        .where('order_id', '=', id)
        .orderBy('sku')
        .execute()
      return { ...order, lines }
    },
    async loadOrder(id) {
      const { version } = await db
        .selectFrom('orders')
        .select('version')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return {
        save: ({ status, sku, quantity }) =>
          db.transaction().execute(async transaction => {
            const root = await transaction
              .updateTable('orders')
              .set({ status, version: version + 1 })
              .where('id', '=', id)
              .where('version', '=', version)
              .executeTakeFirst()
            expectOne(root.numUpdatedRows)
            const line = await transaction
              .updateTable('order_lines')
              .set({ quantity })
              .where('order_id', '=', id)
              .where('sku', '=', sku)
              .executeTakeFirst()
            expectOne(line.numUpdatedRows)
          }),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      db.transaction().execute(async transaction => {
        await transaction.insertInto('orders').values({ id, customer, status, version: 1 }).execute()
        await transaction
          .insertInto('order_lines')
          .values(lines.map(line => ({ ...line, order_id: id })))
          .execute()
      }),
    insertEntry: entry => db.insertInto('entries').values(versioned(entry)).execute(),
    insertEntries: entries => db.insertInto('entries').values(entries.map(versioned)).execute(),
    async page(after) {
      let query = db.selectFrom('products').selectAll()
      if (after !== undefined) {
        const { listed, id } = position(after)
        query = query.where(
          ({ eb, refTuple, tuple, and, or }): Expression<SqlBool> =>
            // MySQL and MariaDB read an index by a comparison of rows only when it is written out.
            engine === 'mysql'
              ? and([
                  eb('listed', '>=', listed),
                  or([eb('listed', '>', listed), and([eb('listed', '=', listed), eb('id', '>', id)])]),
                ])
              : eb(refTuple('listed', 'id'), '>', tuple(listed, id)),
        )
      }
      const rows = await query
        .orderBy('listed')
        .orderBy('id')
        .limit(size.page + 1)
        .execute()
      return pageOf(rows, size.page)
    },
    stream: () => db.selectFrom('products').selectAll().stream(1_000),
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}
