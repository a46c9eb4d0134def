import { type Case, casesOf } from '../persistence/cases.ts'
import type { Engine } from '../persistence/ground.ts'
import { mysqlEngine } from '../persistence/grounds/mysql.ts'
import { postgres } from '../persistence/grounds/postgres.ts'
import { sqlite } from '../persistence/grounds/sqlite.ts'
import type { Awaitable, Store } from '../persistence/store.ts'
import type { Contender, Suite, Trial } from '../suite.ts'

type Open = (url: string, engine: Engine['name']) => Awaitable<Store>

// Each is loaded when it is opened: together they take seconds.

const ours: Open = async (url, engine) =>
  (await import('../persistence/contenders/portolan.ts')).portolan(url, engine)

const drivers: Record<Engine['name'], Record<string, Open>> = {
  sqlite: {
    'better-sqlite3': async url =>
      (await import('../persistence/contenders/raw-sqlite.ts')).betterSqlite(url),
    'node:sqlite': async url => (await import('../persistence/contenders/raw-sqlite.ts')).nodeSqlite(url),
  },
  postgres: { pg: async url => (await import('../persistence/contenders/raw-postgres.ts')).rawPostgres(url) },
  mysql: { mysql2: async url => (await import('../persistence/contenders/raw-mysql.ts')).rawMysql(url) },
}

const drizzle: Record<Engine['name'], Open> = {
  sqlite: async url => (await import('../persistence/contenders/drizzle-sqlite.ts')).drizzleSqlite(url),
  postgres: async url => (await import('../persistence/contenders/drizzle-postgres.ts')).drizzlePostgres(url),
  mysql: async url => (await import('../persistence/contenders/drizzle-mysql.ts')).drizzleMysql(url),
}

const peers: Record<string, Open> = {
  kysely: async (url, engine) => (await import('../persistence/contenders/kysely.ts')).kysely(url, engine),
  drizzle: (url, engine) => drizzle[engine](url, engine),
  typeorm: async (url, engine) => (await import('../persistence/contenders/typeorm.ts')).typeorm(url, engine),
  'mikro-orm': async (url, engine) =>
    (await import('../persistence/contenders/mikro-orm.ts')).mikroOrm(url, engine),
  prisma: async (url, engine) => (await import('../persistence/contenders/prisma.ts')).prisma(url, engine),
}

/**
 * How long each case is warmed up, at least, in ms. What waits for the disk runs a few hundred times in a round: too few for its code to
 * be compiled as it is in a process that has been up for a minute.
 */
const warmUpMs = 500

const engines = [sqlite, postgres, mysqlEngine]

/** Aggregates, batches, pages and streams, over every database engine that answers. */
export const suite: Suite = {
  name: 'persistence',
  packages: [
    'better-sqlite3',
    'pg',
    'mysql2',
    'kysely',
    'drizzle-orm',
    'typeorm',
    '@mikro-orm/core',
    '@prisma/client',
  ],
  trials: engines.map(trial),
  notes: [
    'An order with its lines is of one moment where it comes by one statement (Portolan, TypeORM, MikroORM; Drizzle, Kysely and Prisma as far as their joins and arrays of JSON go). By two without a transaction, as with the drivers, the lines may be of a later moment.',
    'A save is one transaction that checks and raises the version with all of them. Portolan and MikroORM find out by themselves what has changed; the others are told which row to update.',
    'Portolan streams pages by key, and so do those that have no streaming (Prisma; Drizzle on SQLite and PostgreSQL; TypeORM on SQLite). The streams of the others are of one moment, and hold a connection as long as they are read.',
  ],
  async engines() {
    const versions: Record<string, string> = {}
    for (const { version } of engines) Object.assign(versions, await version())
    return versions
  },
}

function trial(engine: Engine): Trial {
  const cases = casesOf(engine.name)
  const contender = contenderOf(engine, cases)
  return {
    name: engine.name,
    apart: true,
    cases,
    contenders: [
      contender(`portolan/${engine.name}`, ours),
      ...Object.entries(drivers[engine.name]).map(([name, open]) => ({
        ...contender(name, open),
        raw: true,
      })),
      ...Object.entries(peers).map(([name, open]) => contender(name, open)),
    ],
  }
}

function contenderOf(engine: Engine, cases: Record<string, Case>) {
  return (name: string, openStore: Open): Contender<string> => ({
    name,
    async open() {
      await using stack = new AsyncDisposableStack()
      const ground = stack.use(await engine.open())
      const store = stack.use(await openStore(ground.url, engine.name))
      const owned = stack.move()
      const run = async (each: string) => {
        try {
          return await cases[each]!.run(store, ground)
        } catch (cause) {
          throw new Error(`${name}, ${each}: ${(cause as Error).message}`, { cause })
        } finally {
          ground.settle?.()
        }
      }
      let warm = false
      return {
        async round(names) {
          const figures: Record<string, number> = {}
          for (const each of names) {
            const until = performance.now() + (warm ? 0 : warmUpMs)
            do figures[each] = await run(each)
            while (performance.now() < until)
          }
          warm = true
          return figures
        },
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      }
    },
  })
}
