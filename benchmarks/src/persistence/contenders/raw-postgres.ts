import pg from 'pg'
import QueryStream from 'pg-query-stream'
import { productValues, size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'
import { type LineRow, type OrderRow, type ProductRow, statements } from './sql.ts'

type Named = keyof typeof statements

/** `?` as PostgreSQL writes it. */
const numbered = (sql: string): string => {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}
const texts = Object.fromEntries(
  Object.entries(statements).map(([name, sql]) => [name, numbered(sql)]),
) as Record<Named, string>

const insertLines = `INSERT INTO order_lines (order_id, sku, quantity, price)
  SELECT $1, * FROM unnest($2::text[], $3::int[], $4::int[])`
const insertEntries = `INSERT INTO entries (id, name, category, price, listed, version)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::int[])`

/** pg with a pool, named statements, and `unnest` for many rows. */
export function rawPostgres(url: string): Store {
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const query = <Row extends pg.QueryResultRow>(
    on: pg.Pool | pg.PoolClient,
    name: Named,
    values: (string | number)[],
  ) => on.query<Row>({ name, text: texts[name], values })
  const transaction = async (work: (client: pg.PoolClient) => Promise<void>) => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await work(client)
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    } finally {
      client.release()
    }
  }
  return {
    async findProduct(id) {
      return (await query<ProductRow>(pool, 'findProduct', [id])).rows[0]
    },
    async findOrder(id) {
      const order = (await query<OrderRow>(pool, 'findOrder', [id])).rows[0]
      return order && { ...order, lines: (await query<LineRow>(pool, 'findLines', [id])).rows }
    },
    async loadOrder(id) {
      const { version } = (await query<OrderRow>(pool, 'findOrder', [id])).rows[0]!
      return {
        save: ({ status, sku, quantity }) =>
          transaction(async client => {
            expectOne((await query(client, 'changeOrder', [status, id, version])).rowCount ?? 0)
            expectOne((await query(client, 'changeLine', [quantity, id, sku])).rowCount ?? 0)
          }),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      transaction(async client => {
        await query(client, 'insertOrder', [id, customer, status])
        const columns = [
          lines.map(({ sku }) => sku),
          lines.map(({ quantity }) => quantity),
          lines.map(({ price }) => price),
        ]
        await client.query({ name: 'insertLines', text: insertLines, values: [id, ...columns] })
      }),
    insertEntry: entry => query(pool, 'insertEntry', [...productValues(entry)]),
    insertEntries(entries) {
      const rows = entries.map(productValues)
      const values = rows[0]!.map((_, i) => rows.map(row => row[i]))
      return pool.query({ name: 'insertEntries', text: insertEntries, values })
    },
    async page(after) {
      if (after === undefined) {
        return pageOf((await query<ProductRow>(pool, 'firstPage', [])).rows, size.page)
      }
      const { listed, id } = position(after)
      return pageOf((await query<ProductRow>(pool, 'nextPage', [listed, id])).rows, size.page)
    },
    async *stream() {
      const client = await pool.connect()
      try {
        yield* client.query(new QueryStream(texts.stream, [], { batchSize: 1_000, highWaterMark: 1_000 }))
      } finally {
        client.release()
      }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
