import { createHash } from 'node:crypto'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Engine } from '../ground.ts'
import { sqlitePragmas } from '../grounds/sqlite.ts'
import { type Product, size } from '../shop.ts'
import { pageOf, position, type Store } from '../store.ts'
import { mariaDbAdapter, prismaClient } from './prisma-client.ts'
import type { ProductRow } from './sql.ts'

const adapters = {
  sqlite: (url: string) => new PrismaBetterSqlite3({ url: `file:${url}` }),
  postgres: (url: string) =>
    new PrismaPg(
      { connectionString: url, max: 4 },
      // Statements that are prepared on the server.
      { statementNameGenerator: ({ sql }) => createHash('sha1').update(sql).digest('hex') },
    ),
  mysql: mariaDbAdapter,
}

const versioned = (product: Product): ProductRow => ({ ...product, version: 1 })

/** Quicker than its own cursors, which read the row that they name for each page. */
const beyond = ({ listed, id }: { listed: number; id: string }) => ({
  listed: { gte: listed },
  OR: [{ listed: { gt: listed } }, { listed, id: { gt: id } }],
})

/**
 * Prisma with the client that needs no engine, over driver adapters; nested writes, which it puts into a transaction by itself.
 * It has no streaming: pages.
 */
export async function prisma(url: string, engine: Engine['name']): Promise<Store> {
  const client = await prismaClient(engine, adapters[engine](url))
  if (engine === 'sqlite') {
    for (const pragma of sqlitePragmas) await client.$queryRawUnsafe(`PRAGMA ${pragma}`)
  }
  const lines = { select: { sku: true, quantity: true, price: true }, orderBy: { sku: 'asc' } }
  const strategy = engine === 'postgres' ? { relationLoadStrategy: 'join' } : {}
  const findOrder = (id: string) =>
    client.order.findUnique({ where: { id }, include: { lines }, ...strategy })
  return {
    findProduct: async id => (await client.product.findUnique({ where: { id } })) ?? undefined,
    findOrder: async id => (await findOrder(id)) ?? undefined,
    async loadOrder(id) {
      const { version } = (await findOrder(id))!
      return {
        save: ({ status, sku, quantity }) =>
          client.order.update({
            where: { id, version },
            data: {
              status,
              version: { increment: 1 },
              lines: { update: { where: { orderId_sku: { orderId: id, sku } }, data: { quantity } } },
            },
            select: { id: true },
          }),
      }
    },
    insertOrder: ({ lines: own, ...order }) =>
      client.order.create({
        data: { ...order, version: 1, lines: { createMany: { data: own } } },
        select: { id: true },
      }),
    insertEntry: entry => client.entry.create({ data: versioned(entry) }),
    insertEntries: all => client.entry.createMany({ data: all.map(versioned) }),
    async page(after) {
      const rows = await client.product.findMany({
        orderBy: [{ listed: 'asc' }, { id: 'asc' }],
        take: size.page + 1,
        ...(after !== undefined && { where: beyond(position(after)) }),
      })
      return pageOf(rows, size.page)
    },
    async *stream() {
      let after = ''
      for (;;) {
        const rows = await client.product.findMany({
          where: { id: { gt: after } },
          orderBy: { id: 'asc' },
          take: 1_000,
        })
        yield* rows
        if (rows.length < 1_000) return
        after = rows.at(-1)!.id
      }
    },
    [Symbol.asyncDispose]: () => client.$disconnect(),
  }
}
