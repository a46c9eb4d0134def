import assert from 'node:assert/strict'
import { test } from 'node:test'
import BetterSqlite from 'better-sqlite3'
import { casesFor, type PersistenceHarness, persistenceContract } from 'portolan/contracts'
import type { Database } from 'portolan/persistence'
import { openBeside, place } from './harness.ts'

/** A file, opened by `better-sqlite3` alone. */
async function open(): Promise<PersistenceHarness & { readonly database: Database }> {
  const stack = new AsyncDisposableStack()
  const path = await place('sqlite', stack)
  const another = async () => {
    const database = await openBeside('sqlite', path)
    stack.defer(() => database.close())
    return database
  }
  return {
    database: await another(),
    another,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

{
  await using sample = await open()
  test('the native client is that of better-sqlite3', async () => {
    await using harness = await open()
    assert.ok(harness.database.native instanceof BetterSqlite)
  })
  for (const item of casesFor(persistenceContract, sample.database.capabilities, open)) {
    test(`sqlite over better-sqlite3: ${item.name}`, () => item.run())
  }
}
