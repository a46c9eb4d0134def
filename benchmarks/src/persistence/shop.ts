/** What every contender stores: a catalogue of products, and orders with their lines. The same on every engine. */

/** An aggregate root without children. */
export interface Product {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly price: number
  readonly listed: number
}

/** An aggregate of a root and its lines. */
export interface Order {
  readonly id: string
  readonly customer: string
  readonly status: string
  readonly lines: readonly Line[]
}

export interface Line {
  readonly sku: string
  readonly quantity: number
  readonly price: number
}

export const size = { products: 100_000, orders: 2_000, lines: 10, batch: 1_000, page: 50 }

const product = (id: string, i: number): Product => ({
  id,
  name: `Product ${i} of the catalogue`,
  category: `category-${i % 20}`,
  price: (i * 37) % 10_000,
  listed: (i * 7_919) % 1_000,
})

const order = (id: string, i: number): Order => ({
  id,
  customer: `customer-${i % 500}`,
  status: 'open',
  lines: Array.from({ length: size.lines }, (_, line) => ({
    sku: `sku-${String(line).padStart(2, '0')}`,
    quantity: 1 + ((i + line) % 9),
    price: (i * 13 + line) % 5_000,
  })),
})

const numbered = (prefix: string, i: number) => `${prefix}-${String(i).padStart(6, '0')}`

export const products: readonly Product[] = Array.from({ length: size.products }, (_, i) =>
  product(numbered('product', i), i),
)

/** The products in the order of their pages. */
export const listed: readonly Product[] = products.toSorted(
  (a, b) => a.listed - b.listed || (a.id < b.id ? -1 : 1),
)

export const orders: readonly Order[] = Array.from({ length: size.orders }, (_, i) =>
  order(numbered('order', i), i),
)

/** A product that is not stored yet; they differ as long as `i` does. */
export const newEntry = (i: number): Product => product(numbered('entry', i), i)
export const newOrder = (i: number): Order => order(numbered('new', i), i)

/** `entries` are what is written while measuring, so that `products` stay as they are. */
const productColumns = `
  id VARCHAR(36) PRIMARY KEY, name VARCHAR(100) NOT NULL, category VARCHAR(40) NOT NULL, price INTEGER NOT NULL,
  listed INTEGER NOT NULL, version INTEGER NOT NULL`

export const schema: readonly string[] = [
  `CREATE TABLE products (${productColumns})`,
  `CREATE TABLE entries (${productColumns})`,
  `CREATE TABLE orders (
    id VARCHAR(36) PRIMARY KEY, customer VARCHAR(40) NOT NULL, status VARCHAR(20) NOT NULL,
    version INTEGER NOT NULL DEFAULT 1)`,
  `CREATE TABLE order_lines (
    order_id VARCHAR(36) NOT NULL, sku VARCHAR(20) NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku), FOREIGN KEY (order_id) REFERENCES orders (id))`,
]

export const indexes: readonly string[] = ['CREATE INDEX products_listed ON products (listed, id)']

export type Values = readonly (string | number)[]

export const productValues = ({ id, name, category, price, listed }: Product): Values => [
  id,
  name,
  category,
  price,
  listed,
  1,
]

/** The first content of each table, in the order of its columns. */
export const content: Readonly<Record<string, { readonly columns: readonly string[]; rows(): Values[] }>> = {
  products: {
    columns: ['id', 'name', 'category', 'price', 'listed', 'version'],
    rows: () => products.map(productValues),
  },
  orders: {
    columns: ['id', 'customer', 'status', 'version'],
    rows: () => orders.map(({ id, customer, status }) => [id, customer, status, 1]),
  },
  order_lines: {
    columns: ['order_id', 'sku', 'quantity', 'price'],
    rows: () =>
      orders.flatMap(({ id, lines }) => lines.map(({ sku, quantity, price }) => [id, sku, quantity, price])),
  },
}
