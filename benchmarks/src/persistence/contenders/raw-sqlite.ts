import { DatabaseSync } from 'node:sqlite'
import BetterSqlite from 'better-sqlite3'
import { sqlitePragmas } from '../grounds/sqlite.ts'
import { productValues, size } from '../shop.ts'
import { expectOne, pageOf, position, type Store } from '../store.ts'
import { type LineRow, type OrderRow, type ProductRow, statements } from './sql.ts'

/** What both drivers have in common. */
interface Statement {
  get(...parameters: (string | number)[]): unknown
  all(...parameters: (string | number)[]): unknown[]
  run(...parameters: (string | number)[]): { readonly changes: number | bigint }
  iterate(...parameters: (string | number)[]): Iterable<unknown>
}
interface Driver {
  prepare(sql: string): Statement
  exec(sql: string): unknown
  close(): void
}

export const nodeSqlite = (path: string): Store => {
  const database = new DatabaseSync(path)
  return store({
    prepare: sql => {
      const statement = database.prepare(sql)
      // Rows are mapped by name below, as with better-sqlite3.
      return statement as unknown as Statement
    },
    exec: sql => database.exec(sql),
    close: () => database.close(),
  })
}

export const betterSqlite = (path: string): Store => store(new BetterSqlite(path) as unknown as Driver)

function store(driver: Driver): Store {
  for (const pragma of sqlitePragmas) driver.exec(`PRAGMA ${pragma}`)
  const prepared = Object.fromEntries(
    Object.entries(statements).map(([name, sql]) => [name, driver.prepare(sql)]),
  ) as Record<keyof typeof statements, Statement>
  const begin = driver.prepare('BEGIN IMMEDIATE')
  const commit = driver.prepare('COMMIT')
  const transaction = (work: () => void) => {
    begin.run()
    try {
      work()
      commit.run()
    } catch (error) {
      driver.exec('ROLLBACK')
      throw error
    }
  }
  return {
    findProduct: id => prepared.findProduct.get(id) as ProductRow | undefined,
    findOrder(id) {
      const order = prepared.findOrder.get(id) as OrderRow | undefined
      return order && { ...order, lines: prepared.findLines.all(id) as LineRow[] }
    },
    loadOrder(id) {
      const { version } = prepared.findOrder.get(id) as OrderRow
      return {
        save: ({ status, sku, quantity }) =>
          transaction(() => {
            expectOne(prepared.changeOrder.run(status, id, version).changes)
            expectOne(prepared.changeLine.run(quantity, id, sku).changes)
          }),
      }
    },
    insertOrder: ({ id, customer, status, lines }) =>
      transaction(() => {
        prepared.insertOrder.run(id, customer, status)
        for (const { sku, quantity, price } of lines) prepared.insertLine.run(id, sku, quantity, price)
      }),
    insertEntry: entry => prepared.insertEntry.run(...productValues(entry)),
    insertEntries: entries =>
      transaction(() => {
        for (const entry of entries) prepared.insertEntry.run(...productValues(entry))
      }),
    page(after) {
      if (after === undefined) return pageOf(prepared.firstPage.all() as ProductRow[], size.page)
      const { listed, id } = position(after)
      return pageOf(prepared.nextPage.all(listed, id) as ProductRow[], size.page)
    },
    stream: () => prepared.stream.iterate() as Iterable<ProductRow>,
    async [Symbol.asyncDispose]() {
      driver.close()
    },
  }
}
