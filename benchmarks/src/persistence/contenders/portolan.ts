import { InfrastructureError } from 'portolan'
import { mapping, openDatabase, SqlRepository } from 'portolan/persistence'
import { Unavailable } from '../../suite.ts'
import type { Engine } from '../ground.ts'
import { type Line, type Order, type Product, size } from '../shop.ts'
import type { Store } from '../store.ts'

interface ProductRow extends Product {
  version: number
}

interface Tables {
  products: ProductRow
  entries: ProductRow
  orders: { id: string; customer: string; status: string; version: number }
  order_lines: { order_id: string; sku: string; quantity: number; price: number }
}

interface StoredOrder {
  readonly id: string
  readonly customer: string
  status: string
  lines: Line[]
}

const toProduct = ({ id, name, category, price, listed }: Product): Product => ({
  id,
  name,
  category,
  price,
  listed,
})
const productRows = (product: Product) => ({ root: toProduct(product) })

const products = mapping<Tables>()({
  table: 'products',
  key: 'id',
  toRows: productRows,
  fromRows: toProduct,
})
const entries = mapping<Tables>()({ table: 'entries', key: 'id', toRows: productRows, fromRows: toProduct })

const orders = mapping<Tables>()({
  table: 'orders',
  key: 'id',
  children: { order_lines: { foreignKey: 'order_id', key: 'sku' } },
  toRows: ({ id, customer, status, lines }: StoredOrder) => ({
    root: { id, customer, status },
    order_lines: lines,
  }),
  fromRows: ({ id, customer, status }, { order_lines }) => ({
    id,
    customer,
    status,
    lines: order_lines.map(({ sku, quantity, price }) => ({ sku, quantity, price })),
  }),
})

class Products extends SqlRepository(products) {
  listed(after: string | undefined) {
    return this.page({ by: ['listed'], after, limit: size.page })
  }
  all() {
    return this.stream()
  }
}
class Entries extends SqlRepository(entries) {}
class Orders extends SqlRepository(orders) {}

export async function portolan(url: string, engine: Engine['name']): Promise<Store> {
  // As many connections as the others have.
  const database = await openDatabase(engine === 'sqlite' ? `sqlite:${url}` : `${url}?pool_max=4`).catch(
    (error: unknown) => {
      // An engine that the installed version has no driver for.
      if (InfrastructureError.is(error, 'invalid_argument')) throw new Unavailable(error.message)
      throw error
    },
  )
  const products = new Products(database)
  const entries = new Entries(database)
  const orders = new Orders(database)
  return {
    findProduct: id => products.find(id),
    findOrder: id => orders.find(id),
    async loadOrder(id) {
      const order = await orders.get(id)
      return {
        save({ status, sku, quantity }) {
          order.status = status
          order.lines = order.lines.map(line => (line.sku === sku ? { ...line, quantity } : line))
          return orders.save(order)
        },
      }
    },
    insertOrder: (order: Order) => orders.save({ ...order, lines: [...order.lines] }),
    insertEntry: entry => entries.save(entry),
    insertEntries: all => entries.saveMany(all),
    async page(after) {
      const { items, next } = await products.listed(after as string | undefined)
      return { items, next }
    },
    stream: () => products.all(),
    [Symbol.asyncDispose]: () => database.close(),
  }
}
