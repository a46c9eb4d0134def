import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLimits, databaseLimits } from 'portolan/limits'
import { createLocks, databaseLocks } from 'portolan/locks'
import { type Database, openDatabase } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'
import { untold } from '../../src/persistence/statement-text.ts'

for (const engine of ['postgres', 'mysql'] as const) {
  const skip = await skipWithout(engine)

  test(`${engine}: what is marked as untold wakes nobody who waits for commits; all else does`, {
    skip,
    timeout: 60_000,
  }, async () => {
    await using place = await freshDatabase(engine)
    await using database = await openDatabase(place.url)
    await database.execute('CREATE TABLE visit (id INTEGER NOT NULL PRIMARY KEY)')
    const told = listened(database)
    let id = 0
    const insert = 'INSERT INTO visit (id) VALUES (?)'
    await quiet(told, () => database.execute(untold(insert), [++id]))
    const before = told()
    await database.execute(insert, [++id])
    assert.ok(told() > before)
    const rows = await database.query('SELECT id FROM visit WHERE id = ?', [1])
    assert.equal(rows.length, 1)
  })
}

test('PostgreSQL: limits and locks wake nobody who waits for commits', {
  skip: await skipWithout('postgres'),
  timeout: 60_000,
}, async () => {
  await using place = await freshDatabase('postgres')
  await using database = await openDatabase(place.url)
  await using limits = createLimits({ driver: databaseLimits({ database }) })
  await using locks = createLocks({ driver: databaseLocks({ database }) })
  await Promise.all([limits.start(), locks.start()])
  const limiter = limits.limiter('a', { limit: 1_000_000, per: '1h' })
  const told = listened(database)
  await quiet(told, async () => {
    assert.equal((await limiter.take('b')).counted, true)
    await locks.with('c', () => {})
  })
})

function listened(database: Database): () => number {
  let told = 0
  database.onCommit(() => {
    told++
  })
  return () => told
}

/** Returns once nobody was told in between: who begins to listen is told once, whenever it has connected. */
async function quiet(told: () => number, work: () => Promise<unknown>): Promise<void> {
  for (let before = -1; before !== told(); ) {
    before = told()
    for (let times = 0; times < 5; times++) await work()
  }
}
