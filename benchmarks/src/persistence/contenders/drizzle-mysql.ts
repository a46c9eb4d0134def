import { and, eq, gt, gte, or, sql } from 'drizzle-orm'
import { index, int, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import { createPool } from 'mysql2/promise'
import { size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'

const columns = () => ({
  id: varchar({ length: 36 }).primaryKey(),
  name: varchar({ length: 100 }).notNull(),
  category: varchar({ length: 40 }).notNull(),
  price: int().notNull(),
  listed: int().notNull(),
  version: int().notNull(),
})
const products = mysqlTable('products', columns(), table => [
  index('products_listed').on(table.listed, table.id),
])
const entries = mysqlTable('entries', columns())
const orders = mysqlTable('orders', {
  id: varchar({ length: 36 }).primaryKey(),
  customer: varchar({ length: 40 }).notNull(),
  status: varchar({ length: 20 }).notNull(),
  version: int().notNull(),
})
const orderLines = mysqlTable(
  'order_lines',
  {
    orderId: varchar('order_id', { length: 36 }).notNull(),
    sku: varchar({ length: 20 }).notNull(),
    quantity: int().notNull(),
    price: int().notNull(),
  },
  table => [primaryKey({ columns: [table.orderId, table.sku] })],
)

const given = sql.placeholder

/**
 * Drizzle over mysql2; what runs outside of transactions is a prepared statement. Orders and their lines are two selects: its
 * relational queries need LATERAL, which MariaDB does not have.
 */
export function drizzleMysql(url: string): Store {
  const client = createPool({ uri: url, connectionLimit: 4 })
  const db = drizzle({ client })
  const findProduct = db
    .select()
    .from(products)
    .where(eq(products.id, given('id')))
    .prepare()
  const findOrder = db
    .select()
    .from(orders)
    .where(eq(orders.id, given('id')))
    .prepare()
  const findLines = db
    .select({ sku: orderLines.sku, quantity: orderLines.quantity, price: orderLines.price })
    .from(orderLines)
    .where(eq(orderLines.orderId, given('id')))
    .orderBy(orderLines.sku)
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
    .where(
      and(
        gte(products.listed, given('listed')),
        or(
          gt(products.listed, given('listed')),
          and(eq(products.listed, given('listed')), gt(products.id, given('id'))),
        ),
      ),
    )
    .orderBy(products.listed, products.id)
    .limit(size.page + 1)
    .prepare()
  const streamed = db.select().from(products).prepare()
  return {
    async findProduct(id) {
      return (await findProduct.execute({ id }))[0]
    },
    async findOrder(id) {
      const [order] = await findOrder.execute({ id })
      return order && { ...order, lines: await findLines.execute({ id }) }
    },
    async loadOrder(id) {
      const [order] = await findOrder.execute({ id })
      const { version } = order!
      return {
        save: ({ status, sku, quantity }) =>
          db.transaction(async transaction => {
            const [root] = await transaction
              .update(orders)
              .set({ status, version: version + 1 })
              .where(and(eq(orders.id, id), eq(orders.version, version)))
            expectOne(root.affectedRows)
            const [line] = await transaction
              .update(orderLines)
              .set({ quantity })
              .where(and(eq(orderLines.orderId, id), eq(orderLines.sku, sku)))
            expectOne(line.affectedRows)
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
    stream: () => streamed.iterator(),
    [Symbol.asyncDispose]: () => client.end(),
  }
}
