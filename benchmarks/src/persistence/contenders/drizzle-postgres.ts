import { and, eq, gt, relations, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { index, integer, pgTable, primaryKey, varchar } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'

const columns = () => ({
  id: varchar({ length: 36 }).primaryKey(),
  name: varchar({ length: 100 }).notNull(),
  category: varchar({ length: 40 }).notNull(),
  price: integer().notNull(),
  listed: integer().notNull(),
  version: integer().notNull(),
})
const products = pgTable('products', columns(), table => [
  index('products_listed').on(table.listed, table.id),
])
const entries = pgTable('entries', columns())
const orders = pgTable('orders', {
  id: varchar({ length: 36 }).primaryKey(),
  customer: varchar({ length: 40 }).notNull(),
  status: varchar({ length: 20 }).notNull(),
  version: integer().notNull(),
})
const orderLines = pgTable(
  'order_lines',
  {
    orderId: varchar('order_id', { length: 36 }).notNull(),
    sku: varchar({ length: 20 }).notNull(),
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

/** Drizzle over pg; what runs outside of transactions is a prepared statement. It has no streaming: pages. */
export function drizzlePostgres(url: string): Store {
  const client = new pg.Pool({ connectionString: url, max: 4 })
  const db = drizzle({ client, schema })
  const findProduct = db
    .select()
    .from(products)
    .where(eq(products.id, given('id')))
    .prepare('find_product')
  const findOrder = db.query.orders
    .findFirst({
      where: eq(orders.id, given('id')),
      with: { lines: { columns: { sku: true, quantity: true, price: true }, orderBy: orderLines.sku } },
    })
    .prepare('find_order')
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
    .prepare('insert_entry')
  const firstPage = db
    .select()
    .from(products)
    .orderBy(products.listed, products.id)
    .limit(size.page + 1)
    .prepare('first_page')
  const nextPage = db
    .select()
    .from(products)
    .where(sql`(${products.listed}, ${products.id}) > (${given('listed')}, ${given('id')})`)
    .orderBy(products.listed, products.id)
    .limit(size.page + 1)
    .prepare('next_page')
  const streamed = db
    .select()
    .from(products)
    .where(gt(products.id, given('after')))
    .orderBy(products.id)
    .limit(1_000)
    .prepare('streamed')
  return {
    async findProduct(id) {
      return (await findProduct.execute({ id }))[0]
    },
    findOrder: id => findOrder.execute({ id }),
    async loadOrder(id) {
      const [found] = await db.select({ version: orders.version }).from(orders).where(eq(orders.id, id))
      const { version } = found!
      return {
        save: ({ status, sku, quantity }) =>
          db.transaction(async transaction => {
            const root = await transaction
              .update(orders)
              .set({ status, version: version + 1 })
              .where(and(eq(orders.id, id), eq(orders.version, version)))
            expectOne(root.rowCount ?? 0)
            const line = await transaction
              .update(orderLines)
              .set({ quantity })
              .where(and(eq(orderLines.orderId, id), eq(orderLines.sku, sku)))
            expectOne(line.rowCount ?? 0)
          }),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      db.transaction(async transaction => {
        await transaction.insert(orders).values({ id, customer, status, version: 1 })
        await transaction.insert(orderLines).values(lines.map(line => ({ ...line, orderId: id })))
      }),
    insertEntry: entry => insertEntry.execute({ ...entry }),
    async insertEntries(all) {
      await db.insert(entries).values(all.map(entry => ({ ...entry, version: 1 })))
    },
    async page(after) {
      const rows = after === undefined ? firstPage.execute() : nextPage.execute({ ...position(after) })
      return pageOf(await rows, size.page)
    },
    async *stream() {
      let after = ''
      for (;;) {
        const rows = await streamed.execute({ after })
        yield* rows
        if (rows.length < 1_000) return
        after = rows.at(-1)!.id
      }
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}
