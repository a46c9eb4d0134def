import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Database, loadMigrations, openDatabase } from 'portolan/persistence'
import { type DatabaseName, freshDatabase, skipWithout } from 'portolan-engines'
import { start } from './processes/start.ts'
import { temporaryFolder } from './temporary.ts'

const servers: readonly DatabaseName[] = ['postgres', 'mysql']

/** A test with a database of its own on each engine. */
async function onEveryEngine(name: string, body: (url: string) => Promise<void>): Promise<void> {
  test(`${name}: sqlite`, async () => {
    using folder = temporaryFolder()
    await body(`sqlite:${folder.file('garden.db')}`)
  })
  for (const server of servers) {
    const skip = await skipWithout(server)
    test(`${name}: ${server}`, { skip }, async () => {
      await using fresh = await freshDatabase(server)
      // Twenty connections of ten processes are more than enough for a server that others use, too.
      await body(`${fresh.url}?pool_max=2`)
    })
  }
}

await onEveryEngine('ten processes that start at once apply each migration once', async url => {
  using folder = temporaryFolder()
  writeFileSync(
    folder.file('0001-plants.sql'),
    'create table plants (id integer primary key, height integer);',
  )
  writeFileSync(
    folder.file('0002-seeds.sql'),
    'insert into plants (id) values (1);\n-- down\ndelete from plants;\n',
  )
  writeFileSync(
    folder.file('0003-heights.mjs'),
    `export const up = async database => { await database.execute('update plants set height = 1 + coalesce(height, 0)') }`,
  )
  writeFileSync(
    folder.file('0004-index.sql'),
    '-- no transaction\ncreate index plants_by_height on plants (height);\ninsert into plants (id) values (2);',
  )
  writeFileSync(
    folder.file('0004-index.postgres.sql'),
    '-- no transaction\ncreate index concurrently plants_by_height on plants (height);\ninsert into plants (id) values (2);',
  )
  const children = Array.from({ length: 10 }, () => start('migrate', url, folder.path))
  await Promise.all(children.map(({ ended }) => ended))
  const applied = ['0001-plants', '0002-seeds', '0003-heights', '0004-index']
  assert.deepEqual(children.flatMap(({ lines }) => lines).sort(), applied)
  await using database = await openDatabase(url)
  assert.deepEqual(await database.query('SELECT id, height FROM plants ORDER BY id'), [
    { id: 1, height: 1 },
    { id: 2, height: null },
  ])
})

await onEveryEngine(
  'a process that is killed in a migration leaves nothing of it, or a note of it',
  async url => {
    using folder = temporaryFolder()
    const hang = `console.log('half'); await new Promise(() => setInterval(() => {}, 1_000))`
    const up = `async database => { await database.execute('create table half (id integer)'); ${hang} }`
    writeFileSync(folder.file('0001-hang.mjs'), `export const up = ${up}`)
    await killed(url, folder.path)
    await using database = await openDatabase(url)
    const migrations = [{ name: '0001-hang', up: 'create table half (id integer)' }]
    const migrator = database.migrator('garden', migrations, { lease: '200ms' })
    if (database.capabilities.transactionalSchema) {
      assert.deepEqual(await states(database, migrations), ['pending'])
    } else {
      await assert.rejects(
        migrator.up(),
        /^InfrastructureError: Migration '0001-hang' of 'garden' stopped without a word/,
      )
      await database.execute('drop table half')
      await migrator.resolve('0001-hang', 'not_applied')
    }
    await migrator.up()

    writeFileSync(
      folder.file('0001-hang.mjs'),
      `export const transaction = false\nexport const up = ${up.replace('half (', 'more (')}`,
    )
    await migrator.resolve('0001-hang', 'not_applied')
    await killed(url, folder.path)
    assert.deepEqual(await states(database, migrations), ['running'])
    const again = database.migrator('garden', await loadMigrations(folder.path), { lease: '200ms' })
    await assert.rejects(again.up(), { code: 'precondition_failed' })
    await again.resolve('0001-hang', 'applied')
    assert.deepEqual(await again.up(), { applied: [], present: 1 })
    assert.deepEqual(await database.query('SELECT id FROM more'), [])
  },
)

async function killed(url: string, folder: string): Promise<void> {
  const { child, ready, ended } = start('migrate', url, folder)
  await ready
  child.kill('SIGKILL')
  await ended
}

async function states(
  database: Database,
  migrations: Parameters<Database['migrator']>[1],
): Promise<string[]> {
  return (await database.migrator('garden', migrations).status()).map(({ state }) => state)
}
