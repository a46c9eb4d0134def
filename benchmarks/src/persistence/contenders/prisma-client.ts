import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import type { Engine } from '../ground.ts'
import type { LineRow, OrderRow, ProductRow } from './sql.ts'

/** What is used of a generated client. Its own types are there only after it was generated, which happens when the suite runs. */
export interface PrismaClient {
  readonly product: {
    findUnique(query: { where: { id: string } }): Promise<ProductRow | null>
    findMany(query: {
      where?: object
      orderBy: object
      take: number
      skip?: number
      cursor?: { id: string }
    }): Promise<ProductRow[]>
  }
  readonly entry: {
    create(query: { data: ProductRow }): Promise<unknown>
    createMany(query: { data: ProductRow[] }): Promise<{ count: number }>
  }
  readonly order: {
    findUnique(query: object): Promise<(OrderRow & { lines: LineRow[] }) | null>
    update(query: object): Promise<unknown>
    create(query: object): Promise<unknown>
  }
  $queryRawUnsafe(sql: string): Promise<unknown>
  $disconnect(): Promise<void>
}

const providers = { sqlite: 'sqlite', postgres: 'postgresql', mysql: 'mysql' }

const schema = (engine: Engine['name']) => {
  const product = `
  id       String @id
  name     String
  category String
  price    Int
  listed   Int
  version  Int`
  // Joins need LATERAL, which SQLite and MariaDB do not have.
  const joins = engine === 'postgres' ? '\n  previewFeatures = ["relationJoins"]' : ''
  return `generator client {
  provider = "prisma-client"
  output = "./client"
  moduleFormat = "esm"
  importFileExtension = "ts"${joins}
}

datasource db {
  provider = "${providers[engine]}"
}

model Product {${product}

  @@index([listed, id])
  @@map("products")
}

model Entry {${product}

  @@map("entries")
}

model Order {
  id       String @id
  customer String
  status   String
  version  Int
  lines    Line[]

  @@map("orders")
}

model Line {
  orderId  String @map("order_id")
  sku      String
  quantity Int
  price    Int
  order    Order @relation(fields: [orderId], references: [id])

  @@id([orderId, sku])
  @@map("order_lines")
}
`
}

/**
 * Generates the client of an engine and opens it over a driver adapter. The generator runs in this process instead of in Prisma's
 * command line, whose package downloads engines that the client has no need of.
 */
export async function prismaClient(
  engine: Engine['name'],
  adapter: SqlDriverAdapterFactory,
): Promise<PrismaClient> {
  const folder = join(import.meta.dirname, '../../../.data/prisma', engine)
  await mkdir(folder, { recursive: true })
  const schemaPath = join(folder, 'schema.prisma')
  await writeFile(schemaPath, schema(engine))
  // Only their CommonJS builds can be loaded.
  const require = createRequire(import.meta.url)
  const { getGenerators } = require('@prisma/internals') as typeof import('@prisma/internals')
  const { PrismaClientTsGenerator } =
    require('@prisma/client-generator-ts') as typeof import('@prisma/client-generator-ts')
  const generators = await getGenerators({
    schemaPath,
    cliCommand: 'generate',
    skipDownload: true,
    registry: { 'prisma-client': { type: 'in-process', generator: new PrismaClientTsGenerator() } },
  })
  for (const generator of generators) {
    await generator.generate()
    generator.stop()
  }
  const generated: { PrismaClient: new (options: { adapter: SqlDriverAdapterFactory }) => PrismaClient } =
    await import(join(folder, 'client/client.ts'))
  return new generated.PrismaClient({ adapter })
}

/** Its driver takes the parts of a URL alone. */
export function mariaDbAdapter(url: string): PrismaMariaDb {
  const { hostname, port, username, password, pathname } = new URL(url)
  return new PrismaMariaDb({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    connectionLimit: 4,
  })
}
