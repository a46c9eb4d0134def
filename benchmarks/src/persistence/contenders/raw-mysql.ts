import { createPool } from 'mysql2'
import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { productValues, size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'
import { type LineRow, type OrderRow, type ProductRow, statements } from './sql.ts'

// MySQL and MariaDB read an index by a comparison of rows only when it is written out.
const nextPage = statements.nextPage.replace(
  '(listed, id) > (?, ?)',
  'listed >= ? AND (listed > ? OR (listed = ? AND id > ?))',
)

/** mysql2 with a pool, prepared statements, and lists of rows. */
export function rawMysql(url: string): Store {
  const native = createPool({ uri: url, connectionLimit: 4 })
  const pool = native.promise()
  const rows = async <Row>(sql: string, values: (string | number)[]) =>
    (await pool.execute<RowDataPacket[]>(sql, values))[0] as unknown as Row[]
  const changed = async (connection: PoolConnection, sql: string, values: (string | number)[]) =>
    (await connection.execute<ResultSetHeader>(sql, values))[0].affectedRows
  const transaction = async (work: (connection: PoolConnection) => Promise<void>) => {
    const connection = await pool.getConnection()
    try {
      await connection.beginTransaction()
      await work(connection)
      await connection.commit()
    } catch (error) {
      await connection.rollback()
      throw error
    } finally {
      connection.release()
    }
  }
  return {
    async findProduct(id) {
      return (await rows<ProductRow>(statements.findProduct, [id]))[0]
    },
    async findOrder(id) {
      const order = (await rows<OrderRow>(statements.findOrder, [id]))[0]
      return order && { ...order, lines: await rows<LineRow>(statements.findLines, [id]) }
    },
    async loadOrder(id) {
      const { version } = (await rows<OrderRow>(statements.findOrder, [id]))[0]!
      return {
        save: ({ status, sku, quantity }) =>
          transaction(async connection => {
            expectOne(await changed(connection, statements.changeOrder, [status, id, version]))
            expectOne(await changed(connection, statements.changeLine, [quantity, id, sku]))
          }),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      transaction(async connection => {
        await connection.execute(statements.insertOrder, [id, customer, status])
        await connection.query('INSERT INTO order_lines (order_id, sku, quantity, price) VALUES ?', [
          lines.map(({ sku, quantity, price }) => [id, sku, quantity, price]),
        ])
      }),
    insertEntry: entry => pool.execute(statements.insertEntry, [...productValues(entry)]),
    insertEntries: entries =>
      pool.query('INSERT INTO entries (id, name, category, price, listed, version) VALUES ?', [
        entries.map(productValues),
      ]),
    async page(after) {
      if (after === undefined) return pageOf(await rows(statements.firstPage, []), size.page)
      const { listed, id } = position(after)
      return pageOf(await rows(nextPage, [listed, listed, listed, id]), size.page)
    },
    stream: () => native.query(statements.stream).stream({ highWaterMark: 1_000 }),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
