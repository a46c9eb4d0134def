import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { openDatabase } from 'portolan/persistence'
import { temporaryFolder } from './temporary.ts'

test('missing folders are made; relative, absolute and encoded paths and file URLs name the same', async () => {
  using folder = temporaryFolder()
  const path = folder.file('a b/c/shop.db')
  const first = await openDatabase(`sqlite:${path}`)
  await first.execute('CREATE TABLE t (n integer)')
  await first.close()
  assert.ok(existsSync(path))
  for (const url of [`sqlite:${encodeURI(path)}`, `sqlite://${path}`, `SQLITE:${path}`]) {
    await using again = await openDatabase(url)
    assert.deepEqual(await again.query('SELECT n FROM t'), [])
  }
})

test('durability is full unless the URL says otherwise; foreign keys hold; the log is written ahead', async () => {
  using folder = temporaryFolder()
  const setting = async (url: `sqlite:${string}`, name: string) => {
    await using database = await openDatabase(url)
    return Object.values(database.native.prepare(`PRAGMA ${name}`).get()!)[0]
  }
  const url = `sqlite:${folder.file('shop.db')}` as const
  assert.equal(await setting(url, 'synchronous'), 2)
  assert.equal(await setting(`${url}?synchronous=normal`, 'synchronous'), 1)
  assert.equal(await setting(url, 'foreign_keys'), 1)
  assert.equal(await setting(url, 'journal_mode'), 'wal')
})

test('unknown schemes and parameters are errors that say what is allowed, and never repeat the URL', async () => {
  const wrong: [string, RegExp][] = [
    ['mongodb://root:hunter2@host/db', /'mongodb:'.*sqlite:/],
    ['no scheme hunter2', /sqlite:/],
    ['sqlite:', /names no file/],
    ['sqlite:hunter2-100%.db', /'%25'/],
    ['sqlite:x.db?password=hunter2', /'password'.*synchronous.*busy_timeout.*transaction_timeout/],
    ['sqlite:x.db?synchronous=off', /full or normal/],
    ['sqlite:x.db?busy_timeout=soon', /milliseconds/],
    ['sqlite:x.db?busy_timeout=5&transaction_timeout=0', /milliseconds/],
  ]
  for (const [url, message] of wrong) {
    await assert.rejects(openDatabase(url), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'invalid_argument')
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  }
  assert.equal(existsSync('x.db'), false)
})

test('what is no database, or cannot be opened, is a typed error', async () => {
  using folder = temporaryFolder()
  writeFileSync(folder.file('text.db'), 'This is no database. '.repeat(100))
  await assert.rejects(openDatabase(`sqlite:${folder.file('text.db')}`), { code: 'data_loss' })
  mkdirSync(folder.file('folder.db'))
  await assert.rejects(openDatabase(`sqlite:${folder.file('folder.db')}`), { code: 'unavailable' })
  await assert.rejects(openDatabase(`sqlite:${folder.file('text.db')}/below.db`), { code: 'unavailable' })
})

test('a damaged file is data_loss, and the database stays usable where it can be', async () => {
  using folder = temporaryFolder()
  const url = `sqlite:${folder.file('shop.db')}` as const
  const sound = await openDatabase(url)
  await sound.execute('CREATE TABLE t (n integer primary key, v text)')
  await sound.run(async () => {
    for (let n = 0; n < 200; n++) await sound.execute('INSERT INTO t VALUES (?, ?)', [n, 'x'.repeat(500)])
  })
  await sound.close()
  const { openSync, writeSync, closeSync } = await import('node:fs')
  const file = openSync(folder.file('shop.db'), 'r+')
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, 4096)
  closeSync(file)
  await using damaged = await openDatabase(url)
  await assert.rejects(damaged.query('SELECT count(v) FROM t'), { code: 'data_loss' })
  assert.deepEqual(await damaged.query('SELECT 1 AS one'), [{ one: 1 }])
})
