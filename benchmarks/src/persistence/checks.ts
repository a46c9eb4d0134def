import type { Ground } from './ground.ts'
import { newEntry, type Order, type Product } from './shop.ts'

const productFields = ['id', 'name', 'category', 'price', 'listed'] as const
const lineFields = ['sku', 'quantity', 'price'] as const

export function expectProduct(found: Product | undefined, wanted: Product): void {
  for (const field of productFields) {
    if (found?.[field] !== wanted[field]) throw wrong('product', found, wanted)
  }
}

export function expectOrder(found: Order | undefined, wanted: Order): void {
  const same =
    found &&
    found.id === wanted.id &&
    found.customer === wanted.customer &&
    found.status === wanted.status &&
    found.lines.length === wanted.lines.length &&
    wanted.lines.every((line, i) => lineFields.every(field => found.lines[i]![field] === line[field]))
  if (!same) throw wrong('order', found, wanted)
}

const wrong = (what: string, found: unknown, wanted: unknown) =>
  new Error(`The ${what} is ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}.`)

interface OrderRow {
  readonly id: string
  readonly customer: string
  readonly status: string
  readonly version: number
}

interface LineRow {
  readonly order_id: string
  readonly sku: string
  readonly quantity: number
  readonly price: number
}

/** Compares stored orders with what they should be by now; resolves with their versions. */
export async function checkOrders(
  ground: Ground,
  orders: readonly { readonly id: string }[],
): Promise<Map<string, number>> {
  const ids = orders.map(({ id }) => `'${id}'`).join(', ')
  const rows = await ground.query<OrderRow>(
    `SELECT id, customer, status, version FROM orders WHERE id IN (${ids})`,
  )
  const lines = await ground.query<LineRow>(
    `SELECT order_id, sku, quantity, price FROM order_lines WHERE order_id IN (${ids}) ORDER BY order_id, sku`,
  )
  if (rows.length !== orders.length)
    throw new Error(`${rows.length} orders are stored, not ${orders.length}.`)
  for (const row of rows) {
    const own = lines.filter(({ order_id }) => order_id === row.id)
    expectOrder({ ...row, lines: own }, ground.orders.get(row.id)!)
  }
  return new Map(rows.map(({ id, version }) => [id, version]))
}

/** That new orders are stored as they are and with version 1; removes them. */
export async function checkNewOrders(ground: Ground, made: readonly Order[]): Promise<void> {
  for (const order of made) ground.orders.set(order.id, order)
  const versions = await checkOrders(ground, made)
  for (const [id, version] of versions) if (version !== 1) throw new Error(`${id} has version ${version}.`)
  for (const { id } of made) ground.orders.delete(id)
  await ground.execute("DELETE FROM order_lines WHERE order_id LIKE 'new-%'")
  await ground.execute("DELETE FROM orders WHERE id LIKE 'new-%'")
}

/** That exactly the entries from `first` are stored, with the right values; removes them. */
export async function checkEntries(ground: Ground, first: number, count: number): Promise<void> {
  const rows = await ground.query<Product & { readonly version: number }>('SELECT * FROM entries ORDER BY id')
  if (rows.length !== count) throw new Error(`${rows.length} rows are stored, not ${count}.`)
  const ids = Array.from({ length: count }, (_, i) => newEntry(first + i)).toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  rows.forEach((row, i) => {
    expectProduct(row, ids[i]!)
    if (row.version !== 1) throw new Error(`${row.id} has version ${row.version}.`)
  })
  await ground.execute('DELETE FROM entries')
}
