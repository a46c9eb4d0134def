import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLogger } from 'portolan/observability'
import { type Database, openDatabase } from 'portolan/persistence'
import { systemClock } from 'portolan/runtime'
import {
  type DatabaseName,
  type FreshDatabase,
  freshDatabase,
  skipWithout,
  startProxy,
  startServer,
  type TcpProxy,
} from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'

/** What happens to units of work when a real server, or the way to it, fails. */

/** A statement that runs for long, and how many of it the server runs now. */
const slow: Readonly<Record<DatabaseName, { readonly sleep: string; readonly running: string }>> = {
  postgres: {
    sleep: 'SELECT pg_sleep(30)',
    running:
      "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(30)'",
  },
  // Not SLEEP, which MySQL takes for done when it is ended early.
  mysql: {
    sleep: endless(),
    running: `SELECT count(*) AS n FROM information_schema.processlist WHERE info = '${endless()}'`,
  },
}

function endless(): string {
  const few = '(SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)'
  return `SELECT COUNT(*) FROM ${Array.from({ length: 16 }, (_, i) => `${few} AS t${i}`).join(', ')}`
}

for (const name of ['postgres', 'mysql'] as const satisfies readonly DatabaseName[]) {
  const skip = await skipWithout(name)
  describe(name, { skip }, () => {
    test('a connection lost before the commit: run again, committed once', async () => {
      await using stand = await behindProxy(name)
      const { database, proxy } = stand
      let tries = 0
      await database.run(async () => {
        tries++
        await add(database, 1)
        if (tries === 1) proxy.cut()
        await add(database, 2)
      })
      assert.equal(tries, 2)
      assert.deepEqual(await numbers(database), [1, 2])
    })

    for (const when of ['before', 'after'] as const) {
      test(`a connection lost during the commit, ${when} the server saw it, is told as unknown and not repeated`, async () => {
        await using stand = await behindProxy(name)
        const { database, proxy } = stand
        let tries = 0
        proxy.cutAt('COMMIT', when)
        const error = await failure(
          database.run(async () => {
            tries++
            await add(database, 1)
          }),
        )
        assert.deepEqual([error.code, error.details.commit, error.retry], ['unavailable', 'unknown', 'never'])
        assert.equal(tries, 1)
        // Whoever looks finds out.
        assert.deepEqual(await numbers(database), when === 'after' ? [1] : [])
      })
    }

    test('a single statement lost on the way: reading is repeated, writing is told as unknown', async () => {
      await using stand = await behindProxy(name)
      const { database, proxy } = stand
      proxy.cutAt('FROM numbers', 'after')
      assert.deepEqual(await numbers(database), [])
      proxy.cutAt('INSERT INTO', 'after')
      const error = await failure(add(database, 1))
      assert.deepEqual([error.code, error.details.commit], ['unavailable', 'unknown'])
      // MySQL is sent the text to prepare it, and has not run it yet.
      assert.deepEqual(await numbers(database), name === 'mysql' ? [] : [1])
    })

    test('after all idle connections were cut, the next calls work', async () => {
      await using stand = await behindProxy(name)
      const { database, proxy } = stand
      await Promise.all(Array.from({ length: 8 }, (_, n) => database.run(() => add(database, n))))
      proxy.cut()
      await Promise.all(Array.from({ length: 8 }, (_, n) => database.run(() => add(database, 10 + n))))
      assert.equal((await numbers(database)).length, 16)
    })

    test('a restarted server is used again; while it is away, calls say so', async () => {
      await using server = await startServer(name)
      await using fresh = await freshDatabase(name, { server: server.url })
      await using database = await withNumbers(fresh.url)
      await server.kill()
      const error = await failure(numbers(database))
      assert.deepEqual([error.code, error.retry], ['unavailable', 'later'])
      assert.equal((await database.health()).status, 'down')
      await server.restart()
      await database.run(() => add(database, 1))
      assert.deepEqual(await numbers(database), [1])
      assert.equal((await database.health()).status, 'up')
    })

    test('opening waits for a server that is still starting, and tells when it gives up', async () => {
      await using server = await startServer(name)
      await using fresh = await freshDatabase(name, { server: server.url })
      await server.stop()
      const refused = await failure(openDatabase(`${fresh.url}?start_timeout=300ms`))
      assert.equal(refused.code, 'unavailable')
      assert.match(refused.message, /refuses connections/)
      const lines: string[] = []
      const logger = createLogger({ write: ({ message }) => void lines.push(message) })
      const opening = openDatabase(`${fresh.url}?start_timeout=60s`, { logger })
      await server.restart()
      await using database = await opening
      assert.equal((await database.health()).status, 'up')
      assert.equal(
        lines.filter(line => /does not answer yet/.test(line)).length,
        1,
        'it says once that it waits',
      )
    })

    test('aborting ends the statement in the server, too', async () => {
      await using fresh = await freshDatabase(name)
      await using database = await openDatabase(`${fresh.url}?pool_max=2`)
      const { sleep, running } = slow[name]
      const count = async () => (await database.query<{ n: number }>(running))[0]!.n
      const controller = new AbortController()
      const sleeping = database.run(() => database.query(sleep), { signal: controller.signal })
      await until(async () => (await count()) === 1)
      controller.abort()
      assert.equal((await failure(sleeping)).code, 'cancelled')
      await until(async () => (await count()) === 0)
    })

    test('a statement and a lock that take too long end with an error of their own', async () => {
      await using fresh = await freshDatabase(name)
      await using database = await withNumbers(`${fresh.url}?statement_timeout=1s&lock_timeout=1s`)
      const long = await failure(database.query(slow[name].sleep))
      assert.equal(long.code, 'deadline_exceeded')
      assert.match(long.message, /statement_timeout/)

      await using other = await openDatabase(`${fresh.url}?statement_timeout=20s&lock_timeout=1s`)
      await add(database, 1)
      const held = Promise.withResolvers<void>()
      const done = Promise.withResolvers<void>()
      const holder = database.run(async () => {
        await database.execute('UPDATE numbers SET n = 2')
        held.resolve()
        await done.promise
      })
      await held.promise
      const update = () => other.execute('UPDATE numbers SET n = 3')
      const locked = await failure(other.run(update, { attempts: 1 }))
      assert.equal(locked.code, 'unavailable')
      assert.match(locked.message, /lock/)
      done.resolve()
      await holder
    })

    test('a pool that is used up says so, instead of waiting for ever for itself', async () => {
      await using fresh = await freshDatabase(name)
      await using database = await withNumbers(`${fresh.url}?pool_max=1&acquire_timeout=200ms`)
      const error = await failure(
        database.run(async () => {
          await add(database, 1)
          await database.run(() => add(database, 2), { propagation: 'requires_new' })
        }),
      )
      assert.deepEqual([error.code, error.retry], ['resource_exhausted', 'later'])
      assert.match(error.message, /pool_max/)
      assert.deepEqual(await numbers(database), [])
    })

    test('a network that swallows everything ends calls, and they work again afterwards', async () => {
      await using stand = await behindProxy(
        name,
        '?statement_timeout=500ms&start_timeout=1s&connect_timeout=1s',
      )
      const { database, proxy } = stand
      await numbers(database)
      proxy.freeze()
      const swallowed = failure(add(database, 1))
      assert.equal((await swallowed).code, 'unavailable')
      proxy.thaw()
      proxy.cut()
      await add(database, 2)
      assert.deepEqual(await numbers(database), [2])
    })

    test('an unknown database, a closed port, a wrong host and missing TLS: one clear error each', async () => {
      await using fresh = await freshDatabase(name)
      const at = (change: (url: URL) => void) => {
        const url = new URL(fresh.url)
        url.password = 'pa55word-canary'
        change(url)
        return failure(openDatabase(`${url.href}${url.search ? '&' : '?'}start_timeout=100ms`))
      }
      const unknown = await at(url => {
        url.pathname = '/nowhere_at_all'
        url.password = ''
      })
      assert.equal(unknown.code, 'not_found')
      assert.match(unknown.message, /nowhere_at_all/)
      const closed = await at(url => {
        url.port = '1'
      })
      assert.equal(closed.code, 'unavailable')
      assert.match(closed.message, /refuses connections/)
      const host = await at(url => {
        url.hostname = 'no-such-host.invalid'
      })
      assert.equal(host.code, 'unavailable')
      assert.match(host.message, /host/)
      for (const error of [unknown, closed, host]) {
        assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /canary/)
      }
    })

    test('commits of other processes are told again after the connection for it was lost', async () => {
      await using stand = await behindProxy(name)
      const { database, proxy, fresh } = stand
      await using other = await openDatabase(fresh.url)
      let told = 0
      const end = database.onCommit(() => told++)
      const ends = other.onCommit(() => {})
      const hears = () =>
        until(async () => {
          const before = told
          await other.run(() => other.execute('UPDATE numbers SET n = n + 1'))
          await systemClock.sleep(20)
          return told > before
        })
      await add(database, 1)
      await hears()
      proxy.cut()
      await hears()
      end()
      ends()
    })
  })
}

test('postgres: a password that changes is asked for before each new connection, and a wrong one is told', {
  skip: await skipWithout('postgres'),
}, async () => {
  await using server = await startServer('postgres')
  await using admin = await openDatabase(server.url as `postgres:${string}`)
  await admin.execute("CREATE ROLE clerk LOGIN PASSWORD 'first-pa55word'")
  await admin.execute('GRANT ALL ON SCHEMA public TO clerk')
  const [{ file }] = (await admin.query<{ file: string }>("SELECT current_setting('hba_file') AS file")) as [
    { file: string },
  ]
  const rules =
    "'host all clerk 127.0.0.1/32 scram-sha-256' UNION ALL SELECT 'host all all 127.0.0.1/32 trust'"
  await admin.native.use(client =>
    client.query({ text: `COPY (SELECT ${rules}) TO '${file.replaceAll("'", "''")}'` }),
  )
  await admin.query('SELECT pg_reload_conf()')

  const url = new URL(server.url)
  url.username = 'clerk'
  const missing = await failure(openDatabase(url.href))
  assert.equal(missing.code, 'unauthenticated')
  const wrong = await failure(openDatabase(url.href, { password: 'wrong-pa55word' }))
  assert.equal(wrong.code, 'unauthenticated')
  assert.match(wrong.message, /password/)
  assert.doesNotMatch(`${wrong.message} ${wrong.stack}`, /wrong-pa55word/)

  let current = 'first-pa55word'
  let asked = 0
  const password = async () => {
    asked++
    return current
  }
  await using database = await openDatabase(`${url.href}?pool_max_lifetime=1ms`, { password })
  await admin.execute("ALTER ROLE clerk PASSWORD 'second-pa55word'")
  current = 'second-pa55word'
  await systemClock.sleep(5)
  assert.deepEqual(await database.query('SELECT 1 AS one'), [{ one: 1 }])
  assert.ok(asked >= 2)
})

interface Stand extends AsyncDisposable {
  readonly fresh: FreshDatabase
  readonly proxy: TcpProxy
  readonly database: Database
}

/** A database of its own with the table `numbers`, reached through a proxy. */
async function behindProxy(name: DatabaseName, parameters = ''): Promise<Stand> {
  const fresh = await freshDatabase(name)
  const { hostname, port } = new URL(fresh.url)
  const proxy = await startProxy({ host: hostname, port: Number(port) })
  const url = new URL(fresh.url)
  url.port = String(proxy.port)
  const database = await withNumbers(`${url.href}${parameters}`)
  return {
    fresh,
    proxy,
    database,
    async [Symbol.asyncDispose]() {
      proxy.thaw()
      await database.close()
      await proxy[Symbol.asyncDispose]()
      await fresh[Symbol.asyncDispose]()
    },
  }
}

async function withNumbers(url: string): Promise<Database> {
  const database = await openDatabase(url)
  await database.execute('CREATE TABLE numbers (n bigint NOT NULL PRIMARY KEY)')
  return database
}

async function add(database: Database, n: number): Promise<void> {
  await database.execute('INSERT INTO numbers (n) VALUES (?)', [n])
}

async function numbers(database: Database): Promise<number[]> {
  return (await database.query<{ n: number }>('SELECT n FROM numbers ORDER BY n')).map(({ n }) => n)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await systemClock.sleep(20)
}
