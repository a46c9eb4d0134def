import type { PersistenceHarness } from 'portolan/contracts'
import { type Database, openDatabase } from 'portolan/persistence'
import { type DatabaseName, freshDatabase } from 'portolan-engines'
import { temporaryFolder } from './temporary.ts'

/** A SQLite file in a folder of its own. */
export async function onFile(): Promise<PersistenceHarness> {
  const folder = temporaryFolder()
  return harness(`sqlite:${folder.file('shop.db')}`, async () => folder[Symbol.dispose]())
}

/** A database of its own in memory. */
export async function inMemory(): Promise<PersistenceHarness> {
  const database = await openDatabase('sqlite::memory:')
  return {
    database,
    another: () => Promise.reject(new Error('Nobody else can see a database in memory.')),
    [Symbol.asyncDispose]: () => database.close(),
  }
}

/** A database of its own on a server. */
export async function onServer(name: DatabaseName): Promise<PersistenceHarness> {
  const fresh = await freshDatabase(name)
  return harness(fresh.url, async () => fresh[Symbol.asyncDispose]())
}

async function harness(url: string, remove: () => Promise<void>): Promise<PersistenceHarness> {
  const opened: Database[] = []
  const open = async () => {
    const database = await openDatabase(url)
    opened.push(database)
    return database
  }
  return {
    database: await open(),
    another: open,
    async [Symbol.asyncDispose]() {
      for (const database of opened) await database.close()
      await remove()
    },
  }
}
