import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createConnection } from 'mysql2/promise'
import { InfrastructureError } from 'portolan'
import { type Database, type ForeignTransactions, openDatabase } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'

const skip = await skipWithout('mysql')

const refused = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(InfrastructureError.is(error), String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, text)
  return true
}

/** A database, and transactions of one connection of the application's own; `settings` go before them. */
async function open(...settings: string[]) {
  const stack = new AsyncDisposableStack()
  const { url } = stack.use(await freshDatabase('mysql'))
  const database: Database = stack.use(await openDatabase(url))
  await database.execute('CREATE TABLE notes (id VARCHAR(36) PRIMARY KEY, body TEXT)')
  const connection = await createConnection({ uri: url, bigNumberStrings: true, supportBigNumbers: true })
  stack.defer(() => connection.end())
  for (const setting of settings) await connection.query(setting)
  const transactions: ForeignTransactions<undefined> = {
    dialect: 'mysql',
    async run(work) {
      await connection.query('START TRANSACTION')
      try {
        const result = await work(undefined)
        await connection.query('COMMIT')
        return result
      } catch (error) {
        await connection.query('ROLLBACK')
        throw error
      }
    },
    client: () => (connection as unknown as { connection: never }).connection,
  }
  const add = (id: string, body: string | null = null) =>
    database.execute('INSERT INTO "notes" (id, body) VALUES (?, ?)', [id, body])
  const ids = async () => (await database.query<{ id: string }>('SELECT id FROM notes')).map(({ id }) => id)
  return { database, connection, transactions, add, ids, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const sessions = {
  'the default modes': "SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
  'names in quotes': "SET sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES'",
  'backslashes as they are': "SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
}

for (const [name, setting] of Object.entries(sessions)) {
  test(`statements mean the same in a session with ${name}`, { skip }, async () => {
    await using it = await open(setting)
    const body = `it's "a" \\ \`b\` \\' -- # ? end`
    await it.database.runIn(it.transactions, async () => {
      await it.add('one', body)
      const [row] = await it.database.query(
        `SELECT id AS "a ""b\`", body, 'c:\\' AS path, '"?"' AS quoted, COUNT(*) OVER () AS count FROM "notes"`,
      )
      assert.deepEqual({ ...row }, { 'a "b`': 'one', body, path: 'c:\\', quoted: '"?"', count: 1 })
    })
    assert.deepEqual(await it.ids(), ['one'])
  })
}

test('a session that is not strict is refused', { skip }, async () => {
  await using it = await open("SET sql_mode = ''")
  await assert.rejects(
    it.database.runIn(it.transactions, () => it.add('one')),
    refused('precondition_failed', /not strict/),
  )
  assert.deepEqual(await it.ids(), [])
})

test('|| is refused where it means OR', { skip }, async () => {
  await using it = await open("SET sql_mode = 'STRICT_ALL_TABLES'")
  await assert.rejects(
    it.database.runIn(it.transactions, () => it.database.query("SELECT 'a' || 'b' AS ab")),
    refused('unsupported', /CONCAT/),
  )
})

test('a statement that would commit is refused', { skip }, async () => {
  await using it = await open()
  const failing = it.database.runIn(it.transactions, async () => {
    await it.add('one')
    await it.database.execute('CREATE TABLE others (id INTEGER)')
  })
  await assert.rejects(failing, refused('precondition_failed', /would commit/))
  assert.deepEqual(await it.ids(), [])
})

test('after a lock that did not come nothing more is written', { skip }, async () => {
  await using it = await open('SET innodb_lock_wait_timeout = 1')
  await it.add('held')
  const held = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holding = it.database.run(async () => {
    await it.database.execute("UPDATE notes SET body = 'x' WHERE id = 'held'")
    held.resolve()
    await done.promise
  })
  await held.promise
  const failing = it.database.runIn(it.transactions, async () => {
    const locked = refused('unavailable', /lock/)
    await assert.rejects(it.database.execute("UPDATE notes SET body = 'y' WHERE id = 'held'"), locked)
    // The server may have rolled back all of it, and would commit this at once.
    await assert.rejects(it.add('later'), locked)
  })
  await assert.rejects(failing, refused('precondition_failed', /failed, so nothing is committed/))
  done.resolve()
  await holding
  assert.deepEqual(await it.ids(), ['held'])
})
