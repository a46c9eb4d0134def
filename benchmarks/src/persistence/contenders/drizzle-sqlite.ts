import BetterSqlite from 'better-sqlite3'
import { and, eq, gt, relations, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { sqlitePragmas } from '../grounds/sqlite.ts'
import { size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'

const columns = () => ({
  id: text().primaryKey(),
  name: text().notNull(),
  category: text().notNull(),
  price: integer().notNull(),
  listed: integer().notNull(),
  version: integer().notNull(),
})
const products = sqliteTable('products', columns(), table => [
  index('products_listed').on(table.listed, table.id),
])
const entries = sqliteTable('entries', columns())
const orders = sqliteTable('orders', {
  id: text().primaryKey(),
  customer: text().notNull(),
  status: text().notNull(),
  version: integer().notNull(),
})
const orderLines = sqliteTable(
  'order_lines',
  {
    orderId: text('order_id').notNull(),
    sku: text().notNull(),
    quantity: integer().notNull(),
    price: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.orderId, table.sku] })],
)
const ordersRelations = relations(orders, ({ many }) => ({ lines: many(orderLines) }))
const linesRelations = relations(orderLines, ({ one }) => ({
  order: one(orders, { fields: [orderLines.orderId], references: [orders.id] }),
}))
const schema = { products, entries, orders, orderLines, ordersRelations, linesRelations }

const given = sql.placeholder

/** Drizzle over better-sqlite3; everything but the batch is a prepared statement. It has no streaming: pages. */
export function drizzleSqlite(path: string): Store {
  const client = new BetterSqlite(path)
  for (const pragma of sqlitePragmas) client.pragma(pragma)
  const db = drizzle({ client, schema })
  const findProduct = db
    .select()
    .from(products)
    .where(eq(products.id, given('id')))
    .prepare()
  const findOrder = db.query.orders
    .findFirst({
      where: eq(orders.id, given('id')),
      with: { lines: { columns: { sku: true, quantity: true, price: true }, orderBy: orderLines.sku } },
    })
    .prepare()
  const findVersion = db
    .select({ version: orders.version })
    .from(orders)
    .where(eq(orders.id, given('id')))
    .prepare()
  const changeOrder = db
    .update(orders)
    .set({ status: sql`${given('status')}`, version: sql`${orders.version} + 1` })
    .where(and(eq(orders.id, given('id')), eq(orders.version, given('version'))))
    .prepare()
  const changeLine = db
    .update(orderLines)
    .set({ quantity: sql`${given('quantity')}` })
    .where(and(eq(orderLines.orderId, given('id')), eq(orderLines.sku, given('sku'))))
    .prepare()
  const insertEntry = db
    .insert(entries)
    .values({
      id: given('id'),
      name: given('name'),
      category: given('category'),
      price: given('price'),
      listed: given('listed'),
      version: 1,
    })
    .prepare()
  const firstPage = db
    .select()
    .from(products)
    .orderBy(products.listed, products.id)
    .limit(size.page + 1)
    .prepare()
  const nextPage = db
    .select()
    .from(products)
    .where(sql`(${products.listed}, ${products.id}) > (${given('listed')}, ${given('id')})`)
    .orderBy(products.listed, products.id)
    .limit(size.page + 1)
    .prepare()
  const streamed = db
    .select()
    .from(products)
    .where(gt(products.id, given('after')))
    .orderBy(products.id)
    .limit(1_000)
    .prepare()
  return {
    findProduct: id => findProduct.get({ id }),
    findOrder: id => findOrder.get({ id }),
    loadOrder(id) {
      const { version } = findVersion.get({ id })!
      return {
        save: ({ status, sku, quantity }) =>
          db.transaction(
            () => {
              expectOne(changeOrder.run({ status, id, version }).changes)
              expectOne(changeLine.run({ quantity, id, sku }).changes)
            },
            { behavior: 'immediate' },
          ),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      db.transaction(
        transaction => {
          transaction.insert(orders).values({ id, customer, status, version: 1 }).run()
          transaction
            .insert(orderLines)
            .values(lines.map(line => ({ ...line, orderId: id })))
            .run()
        },
        { behavior: 'immediate' },
      ),
    insertEntry: entry => insertEntry.run({ ...entry }),
    insertEntries: all =>
      db
        .insert(entries)
        .values(all.map(entry => ({ ...entry, version: 1 })))
        .run(),
    page: after =>
      pageOf(after === undefined ? firstPage.all() : nextPage.all({ ...position(after) }), size.page),
    *stream() {
      let after = ''
      for (;;) {
        const rows = streamed.all({ after })
        yield* rows
        if (rows.length < 1_000) return
        after = rows.at(-1)!.id
      }
    },
    async [Symbol.asyncDispose]() {
      client.close()
    },
  }
}
