import { size } from '../shop.ts'

// In the text: SQLite plans a statement anew for every limit that is bound.
const limit = `LIMIT ${size.page + 1}`

/** The statements of the raw drivers; placeholders are `?`. */
export const statements = {
  findProduct: 'SELECT id, name, category, price, listed, version FROM products WHERE id = ?',
  findOrder: 'SELECT id, customer, status, version FROM orders WHERE id = ?',
  findLines: 'SELECT sku, quantity, price FROM order_lines WHERE order_id = ? ORDER BY sku',
  changeOrder: 'UPDATE orders SET status = ?, version = version + 1 WHERE id = ? AND version = ?',
  changeLine: 'UPDATE order_lines SET quantity = ? WHERE order_id = ? AND sku = ?',
  insertOrder: 'INSERT INTO orders (id, customer, status, version) VALUES (?, ?, ?, 1)',
  insertLine: 'INSERT INTO order_lines (order_id, sku, quantity, price) VALUES (?, ?, ?, ?)',
  insertEntry: 'INSERT INTO entries (id, name, category, price, listed, version) VALUES (?, ?, ?, ?, ?, ?)',
  firstPage: `SELECT id, name, category, price, listed, version FROM products ORDER BY listed, id ${limit}`,
  nextPage: `SELECT id, name, category, price, listed, version FROM products WHERE (listed, id) > (?, ?) ORDER BY listed, id ${limit}`,
  stream: 'SELECT id, name, category, price, listed, version FROM products',
}

export interface ProductRow {
  id: string
  name: string
  category: string
  price: number
  listed: number
  version: number
}

export interface OrderRow {
  id: string
  customer: string
  status: string
  version: number
}

export interface LineRow {
  sku: string
  quantity: number
  price: number
}
