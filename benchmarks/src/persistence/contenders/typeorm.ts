import 'reflect-metadata'
import BetterSqlite from 'better-sqlite3'
import { DataSource, type DataSourceOptions, EntitySchema } from 'typeorm'
import type { Engine } from '../ground.ts'
import { sqlitePragmas } from '../grounds/sqlite.ts'
import { type Product, size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'
import type { LineRow, OrderRow, ProductRow } from './sql.ts'

interface OrderEntity extends OrderRow {
  lines: LineEntity[]
}
interface LineEntity extends LineRow {
  orderId: string
  order?: OrderEntity
}

const text = (length: number) => ({ type: 'varchar', length }) as const
const whole = { type: 'integer' } as const

const productColumns = {
  id: { ...text(36), primary: true },
  name: text(100),
  category: text(40),
  price: whole,
  listed: whole,
  version: whole,
}
const products = new EntitySchema<ProductRow>({
  name: 'Product',
  tableName: 'products',
  columns: productColumns,
})
const entries = new EntitySchema<ProductRow>({ name: 'Entry', tableName: 'entries', columns: productColumns })
const orders = new EntitySchema<OrderEntity>({
  name: 'Order',
  tableName: 'orders',
  columns: {
    id: { ...text(36), primary: true },
    customer: text(40),
    status: text(20),
    version: { ...whole, version: true },
  },
  relations: { lines: { type: 'one-to-many', target: 'Line', inverseSide: 'order' } },
})
const orderLines = new EntitySchema<LineEntity>({
  name: 'Line',
  tableName: 'order_lines',
  columns: {
    orderId: { ...text(36), name: 'order_id', primary: true },
    sku: { ...text(20), primary: true },
    quantity: whole,
    price: whole,
  },
  relations: {
    order: { type: 'many-to-one', target: 'Order', inverseSide: 'lines', joinColumn: { name: 'order_id' } },
  },
})

const entities = [products, entries, orders, orderLines]

const options = {
  sqlite: (database: string) => ({
    type: 'better-sqlite3',
    database,
    entities,
    driver: BetterSqlite,
    prepareDatabase: (db: BetterSqlite.Database) => {
      for (const pragma of sqlitePragmas) db.pragma(pragma)
    },
  }),
  postgres: (url: string) => ({ type: 'postgres', url, entities, extra: { max: 4 } }),
  mysql: (url: string) => ({ type: 'mariadb', url, entities, extra: { connectionLimit: 4 } }),
} satisfies Record<Engine['name'], (url: string) => DataSourceOptions>

const versioned = (product: Product): ProductRow => ({ ...product, version: 1 })

/**
 * TypeORM. One query with a join for an order, as its page about performance says, and `insert` and `update` instead of `save`, which
 * reads before it writes. On SQLite it has no streaming: pages.
 */
export async function typeorm(url: string, engine: Engine['name']): Promise<Store> {
  const source = await new DataSource(options[engine](url)).initialize()
  const productRepository = source.getRepository(products)
  const entryRepository = source.getRepository(entries)
  const orderRepository = source.getRepository(orders)
  const findOrder = (id: string) =>
    orderRepository
      .createQueryBuilder('o')
      .leftJoinAndSelect('o.lines', 'line')
      .where('o.id = :id', { id })
      .orderBy('line.sku')
      .getOne()
  return {
    findProduct: async id => (await productRepository.findOneBy({ id })) ?? undefined,
    findOrder: async id => (await findOrder(id)) ?? undefined,
    async loadOrder(id) {
      const { version } = (await findOrder(id))!
      return {
        save: ({ status, sku, quantity }) =>
          source.transaction(async manager => {
            expectOne((await manager.update(orders, { id, version }, { status })).affected)
            expectOne((await manager.update(orderLines, { orderId: id, sku }, { quantity })).affected)
          }),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      source.transaction(async manager => {
        await manager.insert(orders, { id, customer, status })
        await manager.insert(
          orderLines,
          lines.map(line => ({ ...line, orderId: id })),
        )
      }),
    insertEntry: entry => entryRepository.insert(versioned(entry)),
    insertEntries: all =>
      entryRepository.createQueryBuilder().insert().values(all.map(versioned)).updateEntity(false).execute(),
    async page(after) {
      const query = productRepository.createQueryBuilder('p')
      if (after !== undefined) {
        // MySQL and MariaDB read an index by a comparison of rows only when it is written out.
        query.where(
          engine === 'mysql'
            ? 'p.listed >= :listed AND (p.listed > :listed OR (p.listed = :listed AND p.id > :id))'
            : '(p.listed, p.id) > (:listed, :id)',
          position(after),
        )
      }
      const rows = await query
        .orderBy('p.listed')
        .addOrderBy('p.id')
        .limit(size.page + 1)
        .getMany()
      return pageOf(rows, size.page)
    },
    async *stream() {
      if (engine === 'sqlite') {
        let after = ''
        for (;;) {
          const rows = await productRepository
            .createQueryBuilder('p')
            .where('p.id > :after', { after })
            .orderBy('p.id')
            .limit(1_000)
            .getMany()
          yield* rows
          if (rows.length < 1_000) return
          after = rows.at(-1)!.id
        }
      }
      const rows: AsyncIterable<Record<`p_${keyof ProductRow}`, never>> = await productRepository
        .createQueryBuilder('p')
        .stream()
      for await (const row of rows) {
        yield {
          id: row.p_id,
          name: row.p_name,
          category: row.p_category,
          price: row.p_price,
          listed: row.p_listed,
        }
      }
    },
    [Symbol.asyncDispose]: () => source.destroy(),
  }
}
