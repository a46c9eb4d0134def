import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPool } from 'mysql2'
import { createPool as createPromisePool } from 'mysql2/promise'
import { type Database, mysql, openDatabase } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'
import { onMysql } from './on-mysql.ts'

const skip = await skipWithout('mysql')

const numbers = [
  'CREATE TABLE numbers (n bigint not null primary key, note varchar(20) not null)',
  "INSERT INTO numbers (n, note) VALUES (1, 'one'), (2, 'two')",
]
const opened = (parameters = '') => onMysql(numbers, parameters)

test('every session has the modes, the character set and the time zone of the library', {
  skip,
}, async () => {
  await using on = await opened('?lock_timeout=3s&statement_timeout=1500ms')
  const [row] = await on.database.query<Record<string, string | number>>(
    `SELECT @@sql_mode AS modes, @@collation_connection AS collation, @@time_zone AS zone,
      @@innodb_lock_wait_timeout AS locks, 'a' || '\\' AS "text"`,
  )
  for (const mode of ['STRICT_ALL_TABLES', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'PIPES_AS_CONCAT'])
    assert.match(String(row?.modes), new RegExp(mode))
  assert.match(String(row?.collation), /^utf8mb4_(?:nopad|0900)_bin$/)
  assert.equal(row?.zone, '+00:00')
  assert.equal(row?.locks, 3)
  assert.equal(row?.text, 'a\\')
})

test('units of work in a row begin by themselves, and whatever comes then is on its own again', {
  skip,
}, async () => {
  await using on = await opened('?pool_max=1')
  const { url } = on
  await using database = await openDatabase(url as `mysql:${string}`)
  const begun = async () => {
    const [row] = await database.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Com_begin'")
    return Number(row!.Value)
  }
  const change = (n: number) => database.run(() => touch(database, n))
  const before = await database.run(begun)
  for (let i = 0; i < 10; i++) await change(1)
  const after = await database.run(begun)
  assert.ok(after - before < 10, `${after - before} statements began 11 units.`)

  // Of a session that begins by itself: a failure takes back all, and what only reads leaves nothing open.
  await assert.rejects(
    database.run(async () => {
      await database.execute("INSERT INTO numbers (n, note) VALUES (3, 'three')")
      await database.execute("INSERT INTO numbers (n, note) VALUES (1, 'again')")
    }),
    { code: 'already_exists' },
  )
  await database.run(() => database.query('SELECT n FROM numbers'))

  await using other = await openDatabase(url)
  await database.execute("INSERT INTO numbers (n, note) VALUES (4, 'four')")
  const seen = await other.query<{ n: number }>('SELECT n FROM numbers ORDER BY n')
  assert.deepEqual(
    seen.map(({ n }) => n),
    [1, 2, 4],
  )
  for (let i = 0; i < 10; i++) await change(2)
  const commits = await database.native.use(
    client =>
      new Promise(resolve => {
        client.query(
          {
            sql: 'SELECT @@autocommit AS commits',
            supportBigNumbers: true,
            dateStrings: true,
            rowsAsArray: false,
          },
          (_, rows) => resolve(rows),
        )
      }),
  )
  assert.deepEqual(JSON.parse(JSON.stringify(commits)), [{ commits: 1 }])
})

test('a deadlock inside of a savepoint makes the whole unit of work run again', { skip }, async () => {
  await using on = await opened()
  const { database } = on
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const tries = [0, 0]
  const crossing = (me: 0 | 1) =>
    database.run(async () => {
      tries[me]!++
      await touch(database, me + 1)
      if (tries[me] === 1) {
        arrived[me].resolve()
        await arrived[me === 0 ? 1 : 0].promise
      }
      await database.run(() => touch(database, 2 - me), { propagation: 'nested' })
    })
  await Promise.all([crossing(0), crossing(1)])
  assert.equal(tries[0]! + tries[1]!, 3)
  const rows = await database.query("SELECT n FROM numbers WHERE note = 'touched twice'")
  assert.equal(rows.length, 2)
})

async function touch(database: Database, n: number): Promise<void> {
  await database.execute(
    "UPDATE numbers SET note = CASE note WHEN 'touched' THEN 'touched twice' ELSE 'touched' END WHERE n = ?",
    [n],
  )
}

test('a statement that runs too long is ended, by the server or from here', { skip }, async () => {
  await using on = await opened('?statement_timeout=100ms')
  const { database } = on
  const digits = '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)'
  const endless = `SELECT COUNT(*) FROM ${Array.from({ length: 16 }, (_, i) => `${digits} AS t${i}`).join(', ')}`
  const byServer = await failure(database.query(endless))
  assert.equal(byServer.code, 'deadline_exceeded')
  assert.match(byServer.message, /statement_timeout/)
  const fromHere = database.run(async () => {
    // As for what changes rows on MySQL, whose own limit is for queries alone.
    await database.execute('SET /*M! max_statement_time = 0 */ /*!80000 max_execution_time = 0 */')
    await database.query(endless)
  })
  assert.equal((await failure(fromHere)).code, 'deadline_exceeded')
  assert.equal((await database.query('SELECT n FROM numbers')).length, 2)
})

test('a unit of work that does nothing for too long is rolled back and told so', { skip }, async () => {
  await using on = await opened('?idle_transaction_timeout=1s')
  const { database } = on
  let tries = 0
  const idle = database.run(async () => {
    tries++
    await touch(database, 1)
    await using watcher = await openDatabase(on.url)
    // Until the server has let go of the row.
    await watcher.run(() => touch(watcher, 1))
    await touch(database, 2)
  })
  const error = await failure(idle)
  assert.equal(error.code, 'deadline_exceeded')
  assert.match(error.message, /idle_transaction_timeout/)
  assert.equal(tries, 1)
})

test('a password that changes is asked for before each new connection', { skip }, async () => {
  await using admin = await freshAdmin()
  const [first, second] = ['hunter2-first', 'hunter2-second']
  await admin.login(first)
  let current = first
  let asked = 0
  const password = () => {
    asked++
    return Promise.resolve(current)
  }
  await using database = await openDatabase(`${admin.url('')}?pool_max_lifetime=0`, { password })
  await database.query('SELECT 1')
  current = second
  await admin.login(second)
  await database.query('SELECT 1')
  assert.ok(asked >= 2)
  current = 'hunter2-wrong'
  const error = await failure(database.query('SELECT 1'))
  assert.equal(error.code, 'unauthenticated')
  assert.doesNotMatch(error.message, /hunter2/)
})

test('what keeps a database from being opened is one clear error, without the password', {
  skip,
}, async () => {
  await using admin = await freshAdmin()
  await admin.login('hunter2')
  const at = admin.url('hunter2')
  const local = at.replace(/127\.0\.0\.1|\[::1\]/, 'localhost')
  const wrong: [string, string, RegExp][] = [
    [admin.url('hunter2-wrong'), 'unauthenticated', /Check user and password/],
    [at.replace(/\/[^/]*$/, '/nowhere_at_all'), 'permission_denied', /nowhere_at_all/],
    // Which of them depends on whether the server has a certificate, and then of nobody whom Node trusts.
    [`${local}?tls=verify`, 'unavailable', /speaks no TLS|not trusted/],
    [at.replace(/:\d+\//, ':1/').concat('?start_timeout=0'), 'unavailable', /refuses connections/],
    [`mysql://root:hunter2@nowhere.invalid/shop?start_timeout=0`, 'unavailable', /cannot be resolved/],
    ['mysql://root:hunter2@localhost/shop?pool_maximum=3', 'invalid_argument', /did you mean 'pool_max'/],
    ['mysql://root:hunter2@127.0.0.1/shop?tls=verify', 'invalid_argument', /name instead of its address/],
    ['mariadb://root:hunter2@localhost', 'invalid_argument', /names no database/],
  ]
  for (const [url, code, message] of wrong) {
    const error = await failure(openDatabase(url))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /hunter2/)
  }
  const unknown = new URL(await serverUrl())
  unknown.pathname = '/nowhere_at_all'
  assert.equal((await failure(openDatabase(unknown.href))).code, 'not_found')
})

test('too many connections are told as such', { skip }, async () => {
  await using admin = await freshAdmin()
  await admin.login('hunter2')
  await admin.run(`ALTER USER '${admin.user}'@'%' WITH MAX_USER_CONNECTIONS 1`)
  await using database = await openDatabase(admin.url('hunter2'))
  const error = await failure(
    database.run(async () => {
      await database.query('SELECT 1')
      await database.run(() => database.query('SELECT 1'), { propagation: 'requires_new' })
    }),
  )
  assert.equal(error.code, 'resource_exhausted')
})

test('a pool of the application is used and stays open', { skip }, async () => {
  await using fresh = await freshDatabase('mysql', { label: 'sessions' })
  for (const pool of [
    createPool({ uri: fresh.url, connectionLimit: 2 }),
    createPromisePool({ uri: fresh.url, connectionLimit: 2 }),
    createPool({ uri: fresh.url, connectionLimit: 2, resetOnRelease: true, rowsAsArray: true }),
  ]) {
    const database = mysql({ pool })
    assert.equal(database.native, pool)
    await database.execute(
      'CREATE TABLE IF NOT EXISTS "words" ("word" varchar(20) primary key, n bigint, j json)',
    )
    await database.run(async () => {
      for (const word of ['a', 'A', 'a ', '\\'])
        await database.execute('INSERT INTO words VALUES (?, ?, ?)', [word, 2n ** 60n, '{"a": 1}'])
    })
    const rows = await database.query('SELECT word, n FROM words ORDER BY word LIMIT ?', [2])
    assert.deepEqual(rows, [
      { word: 'A', n: 2n ** 60n },
      { word: '\\', n: 2n ** 60n },
    ])
    const aborted = new AbortController()
    const stuck = failure(database.run(() => database.query('SELECT SLEEP(600)'), { signal: aborted.signal }))
    await sleep(20)
    aborted.abort()
    assert.equal((await stuck).code, 'cancelled')
    await database.execute('DELETE FROM words')
    await database.close()
    const client = 'pool' in pool ? pool : pool.promise()
    await client.query('SELECT 1')
    await client.end()
  }
})

/** A login of a test's own, and a database for it. */
async function freshAdmin() {
  const fresh = await freshDatabase('mysql', { label: 'sessions' })
  const user = `portolan_${randomBytes(6).toString('hex')}`
  const admin = await openDatabase(fresh.url)
  const database = fresh.name
  const run = (sql: string) => admin.execute(sql)
  return {
    user,
    run,
    url(password: string) {
      const url = new URL(fresh.url)
      url.username = user
      url.password = password
      return url.href
    },
    async login(password: string) {
      await run(`CREATE USER IF NOT EXISTS '${user}'@'%'`)
      await run(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}'`)
      await run(`GRANT ALL ON ${database}.* TO '${user}'@'%'`)
    },
    async [Symbol.asyncDispose]() {
      await run(`DROP USER IF EXISTS '${user}'@'%'`)
      await admin.close()
      await fresh[Symbol.asyncDispose]()
    },
  }
}

async function serverUrl(): Promise<string> {
  await using fresh = await freshDatabase('mysql', { label: 'sessions' })
  return fresh.url
}
