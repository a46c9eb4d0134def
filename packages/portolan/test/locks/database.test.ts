import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocks, databaseFence, databaseLocks } from 'portolan/locks'
import { openDatabase } from 'portolan/persistence'
import { freshDatabase, skipWithout } from 'portolan-engines'
import { failure } from '../../src/contracts/failure.ts'

const engines = [
  {
    name: 'SQLite',
    skip: false,
    url: async () => ({ url: 'sqlite::memory:', async [Symbol.asyncDispose]() {} }),
  },
  { name: 'PostgreSQL', skip: await skipWithout('postgres'), url: () => freshDatabase('postgres') },
  { name: 'MySQL or MariaDB', skip: await skipWithout('mysql'), url: () => freshDatabase('mysql') },
]

for (const { name: engine, skip, url } of engines) {
  test(`${engine}: a lock is refused inside of a unit of work of its own database`, { skip }, async () => {
    await using place = await url()
    await using database = await openDatabase(place.url)
    await using locks = createLocks({ driver: databaseLocks({ database }) })
    for (let round = 0; round < 2; round++) {
      const error = await failure(database.run(() => locks.with('a', () => {})))
      assert.equal(error.code, 'precondition_failed')
      assert.equal(await locks.with('a', () => database.run(async () => round)), round)
    }
  })

  test(`${engine}: what a late holder writes is rolled back with the fence's refusal`, { skip }, async () => {
    await using place = await url()
    await using database = await openDatabase(place.url)
    const fence = await databaseFence(database)
    await database.execute('CREATE TABLE prices (pence BIGINT NOT NULL)')
    await database.execute('INSERT INTO prices (pence) VALUES (1)')
    const write = (token: number, pence: number) =>
      database.run(async () => {
        await database.execute('UPDATE prices SET pence = ?', [pence])
        await fence.pass('prices', token)
      })
    await write(7, 700)
    await write(9, 900)
    await write(9, 901)
    assert.equal((await failure(write(8, 800))).code, 'precondition_failed')
    assert.deepEqual(await database.query('SELECT pence FROM prices'), [{ pence: 901 }])
  })

  test(`${engine}: of two holders that write at once, the one with the higher token has the last word`, {
    skip,
  }, async () => {
    await using place = await url()
    await using database = await openDatabase(place.url)
    const fence = await databaseFence(database)
    await database.execute('CREATE TABLE prices (token BIGINT NOT NULL)')
    await database.execute('INSERT INTO prices (token) VALUES (0)')
    const write = async (token: number) => {
      try {
        await database.run(async () => {
          await fence.pass('prices', token)
          await database.execute('UPDATE prices SET token = ?', [token])
        })
      } catch (error) {
        assert.equal((error as { code: string }).code, 'precondition_failed')
      }
    }
    await Promise.all([3, 9, 1, 7, 5, 2, 8].map(write))
    assert.deepEqual(await database.query('SELECT token FROM prices'), [{ token: 9 }])
  })
}
