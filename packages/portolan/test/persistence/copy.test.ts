import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from 'pg'
import { InfrastructureError } from 'portolan'
import { openDatabase, postgres } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'

const skip = await skipWithout('postgres')
const rows = Array.from({ length: 3 }, (_, i) => [i, `note ${i}`])

test('what is sent behind an import gets its own answer, also when that is refused', { skip }, async () => {
  await using fresh = await freshDatabase('postgres')
  await using database = await openDatabase(`${fresh.url}?pool_max=1`)
  await database.execute('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)')
  // Behind it by more and more steps, so that some are on the wire before it is answered.
  const behind = async (steps: number) => {
    for (let step = 0; step < steps; step++) await Promise.resolve()
    const [row] = await database.query<{ steps: number }>('SELECT CAST(? AS INTEGER) AS steps', [steps])
    return row?.steps
  }
  const all = Array.from({ length: 80 }, (_, steps) => steps)
  await database.run(async () => {
    const answers = all.map(behind)
    assert.equal(await database.importRows('notes', ['id', 'body'], rows), rows.length)
    assert.deepEqual(await Promise.all(answers), all)
  })
  const failing = database.run(async () => {
    const answers = Promise.allSettled(all.map(behind))
    const error = await database.importRows('notes', ['id', 'body'], rows).catch(error => error)
    assert.ok(InfrastructureError.is(error, 'already_exists'))
    assert.equal(error.details.row, 1)
    const late = (await answers).filter(({ status }) => status === 'rejected')
    assert.ok(late.length > 0, 'none was behind it')
    throw error
  })
  await assert.rejects(failing, error => InfrastructureError.is(error, 'already_exists'))
  assert.equal(await behind(7), 7)
})

test('an import goes through a pool of the application, one statement at a time', { skip }, async () => {
  await using fresh = await freshDatabase('postgres')
  const pool = new Pool({ connectionString: fresh.url, max: 2 })
  const database = postgres({ pool })
  await database.execute('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)')
  assert.equal(await database.importRows('notes', ['id', 'body'], rows), rows.length)
  const [row] = await database.query('SELECT count(*) AS many FROM notes')
  assert.deepEqual({ ...row }, { many: rows.length })
  await database.close()
  await pool.end()
})
