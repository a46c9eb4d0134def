import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from 'portolan/persistence'

test('a statement is planned once, whatever limits it is given', async () => {
  await using database = await openDatabase('sqlite::memory:')
  await database.execute('CREATE TABLE t (n integer)')
  await database.execute('INSERT INTO t VALUES (1), (2), (3), (4)')
  let planned = 0
  database.native.setAuthorizer(() => {
    planned++
    return 0
  })
  const page = async (limit: number, offset: number) => {
    const rows = await database.query<{ n: number }>(
      "SELECT n FROM t WHERE 'limit ?' <> '' ORDER BY n -- limit ?\n limit ? OFFSET ?",
      [limit, offset],
    )
    return rows.map(({ n }) => n)
  }
  assert.deepEqual(await page(2, 1), [2, 3])
  const once = planned
  assert.ok(once > 0)
  assert.deepEqual(await page(1, 0), [1])
  assert.deepEqual(await page(9, 2), [3, 4])
  assert.equal(planned, once)
})

test('a limit is checked as it is elsewhere', async () => {
  await using database = await openDatabase('sqlite::memory:')
  await database.execute('CREATE TABLE t (n integer)')
  await assert.rejects(database.query('SELECT n FROM t LIMIT ?', ['many']), { code: 'invalid_argument' })
  await assert.rejects(database.query('SELECT n FROM t LIMIT ?', []), { code: 'invalid_argument' })
})
