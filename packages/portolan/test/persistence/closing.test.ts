import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { openDatabase } from 'portolan/persistence'
import { type DatabaseName, freshDatabase, skipWithout } from 'portolan-engines'
import { temporaryFolder } from './temporary.ts'

/** Closes a database in which something never ends; `look` opens the same data once more. */
async function givesUp(url: string, look: boolean): Promise<void> {
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  const logger = { trace() {}, debug() {}, info() {}, warn, error() {}, child: () => logger }
  const database = await openDatabase(url, { closeTimeout: '50ms', logger })
  await database.execute('CREATE TABLE t (n bigint NOT NULL PRIMARY KEY)')
  const written = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const holding = database.run(async () => {
    await database.execute('INSERT INTO t (n) VALUES (1)')
    written.resolve()
    await released.promise
    await database.execute('INSERT INTO t (n) VALUES (2)')
  })
  const reading = database.run(
    async () => {
      await written.promise
      await database.query('SELECT n FROM t')
      await released.promise
      await database.query('SELECT n FROM t')
    },
    { readOnly: true },
  )
  const outcomes = Promise.allSettled([holding, reading])
  await written.promise
  await database.close()
  assert.equal(warnings.length, 1)
  if (look) {
    await using other = await openDatabase(url)
    assert.deepEqual(await other.query('SELECT n FROM t'), [])
    // Nobody holds it any more.
    await other.execute('INSERT INTO t (n) VALUES (1)')
  }
  released.resolve()
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === 'rejected' && InfrastructureError.is(outcome.reason, 'unavailable'))
  }
}

const title = 'closing gives up what does not end in time, and its changes'

test(`SQLite file: ${title}`, async () => {
  using folder = temporaryFolder()
  await givesUp(`sqlite:${folder.file('t.db')}`, true)
})

test(`SQLite in memory: ${title}`, () => givesUp('sqlite::memory:', false))

for (const server of ['postgres', 'mysql'] satisfies DatabaseName[]) {
  test(`${server}: ${title}`, { skip: await skipWithout(server) }, async () => {
    await using fresh = await freshDatabase(server)
    await givesUp(fresh.url, true)
  })
}
