import { defineEntity, type EntityManager, type MikroORM, p } from '@mikro-orm/core'
import type { Engine } from '../ground.ts'
import { sqlitePragmas } from '../grounds/sqlite.ts'
import { type Product, size } from '../shop.ts'
import type { Store } from '../store.ts'

const productProperties = {
  id: p.string().length(36).primary(),
  name: p.string().length(100),
  category: p.string().length(40),
  price: p.integer(),
  listed: p.integer(),
  version: p.integer(),
}
const products = defineEntity({ name: 'Product', tableName: 'products', properties: productProperties })
const entries = defineEntity({ name: 'Entry', tableName: 'entries', properties: productProperties })
const orders = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    id: p.string().length(36).primary(),
    customer: p.string().length(40),
    status: p.string().length(20),
    version: p.integer().version(),
    lines: () => p.oneToMany(orderLines).mappedBy('order').orderBy({ sku: 'asc' }),
  },
})
const orderLines = defineEntity({
  name: 'Line',
  tableName: 'order_lines',
  properties: {
    order: () => p.manyToOne(orders).primary().fieldName('order_id'),
    sku: p.string().length(20).primary(),
    quantity: p.integer(),
    price: p.integer(),
  },
})

const entities = [products, entries, orders, orderLines]

async function connect(engine: Engine['name'], url: string): Promise<MikroORM> {
  const pool = { min: 1, max: 4 }
  switch (engine) {
    case 'sqlite': {
      const { MikroORM } = await import('@mikro-orm/sqlite')
      const orm = await MikroORM.init({ entities, dbName: url })
      for (const pragma of sqlitePragmas) await orm.em.getConnection().execute(`PRAGMA ${pragma}`)
      return orm as unknown as MikroORM
    }
    case 'postgres': {
      const { MikroORM } = await import('@mikro-orm/postgresql')
      return (await MikroORM.init({ entities, clientUrl: url, pool })) as unknown as MikroORM
    }
    case 'mysql': {
      const { MikroORM } = await import('@mikro-orm/mariadb')
      return (await MikroORM.init({ entities, clientUrl: url, pool })) as unknown as MikroORM
    }
  }
}

const versioned = (product: Product) => ({ ...product, version: 1 })

/** MikroORM: a fork of the entity manager for each operation, `insertMany` for the batch, its own cursors and stream. */
export async function mikroOrm(url: string, engine: Engine['name']): Promise<Store> {
  const orm = await connect(engine, url)
  const fork = () => orm.em.fork() as EntityManager
  return {
    findProduct: async id => (await fork().findOne(products, id)) ?? undefined,
    async findOrder(id) {
      const found = await fork().findOne(orders, id, { populate: ['lines'], strategy: 'joined' })
      return found ? { ...found, lines: found.lines.getItems() } : undefined
    },
    async loadOrder(id) {
      const em = fork()
      const order = await em.findOneOrFail(orders, id, { populate: ['lines'] })
      return {
        save({ status, sku, quantity }) {
          order.status = status
          const line = order.lines.getItems().find(each => each.sku === sku)!
          line.quantity = quantity
          return em.flush()
        },
      }
    },
    async insertOrder({ id, customer, status, lines }) {
      const em = fork()
      em.create(orders, { id, customer, status, version: 1, lines: [...lines] })
      await em.flush()
    },
    insertEntry: entry => fork().insert(entries, versioned(entry)),
    insertEntries: all => fork().insertMany(entries, all.map(versioned)),
    async page(after) {
      const found = await fork().findByCursor(products, {
        first: size.page,
        orderBy: { listed: 'asc', id: 'asc' },
        includeCount: false,
        ...(after !== undefined && { after: after as string }),
      })
      return { items: found.items, next: found.hasNextPage ? found.endCursor! : undefined }
    },
    stream: () => fork().stream(products, { orderBy: { id: 'asc' }, chunkSize: 1_000 }),
    [Symbol.asyncDispose]: () => orm.close(),
  }
}
