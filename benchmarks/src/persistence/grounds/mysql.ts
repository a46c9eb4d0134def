import mysql from 'mysql2/promise'
import { Unavailable } from '../../suite.ts'
import { databaseName, type Engine, type Ground, shared } from '../ground.ts'
import { content, indexes, orders, schema } from '../shop.ts'

const server = process.env.PORTOLAN_TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306'

export const mysqlEngine: Engine = { name: 'mysql', open: shared(open), version }

async function version(): Promise<Record<string, string>> {
  const connection = await mysql.createConnection(server).catch(() => undefined)
  if (!connection) return {}
  const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT version() AS version')
  await connection.end()
  const text = String(rows[0]!.version)
  return { [text.includes('MariaDB') ? 'MariaDB' : 'MySQL']: text }
}

async function open(): Promise<Ground> {
  const connection = await mysql.createConnection(server).catch((error: NodeJS.ErrnoException) => {
    throw new Unavailable(`MySQL or MariaDB does not answer (${error.code})`)
  })
  const name = databaseName()
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`)
  await connection.query(`USE ${name}`)
  for (const sql of schema) await connection.query(sql)
  for (const [table, { columns, rows }] of Object.entries(content)) {
    const all = rows()
    for (let from = 0; from < all.length; from += 5_000) {
      await connection.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`, [
        all.slice(from, from + 5_000),
      ])
    }
  }
  for (const sql of indexes) await connection.query(sql)
  await connection.query('ANALYZE TABLE products, orders, order_lines')
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    orders: new Map(orders.map(order => [order.id, order])),
    query: async <Row>(sql: string) => (await connection.query(sql))[0] as Row[],
    execute: async sql => void (await connection.query(sql)),
    async [Symbol.asyncDispose]() {
      await connection.query(`DROP DATABASE ${name}`)
      await connection.end()
    },
  }
}
