import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Database, type Dialect, openDatabase } from 'portolan/persistence'
import { type DatabaseName, type FreshDatabase, freshDatabase, skipWithout } from 'portolan-engines'

export type EngineName = 'sqlite' | DatabaseName

const servers: readonly DatabaseName[] = ['postgres', 'mysql']

/** Each engine that messaging runs on, and why it must be skipped here. */
export const engines: readonly { readonly engine: EngineName; readonly skip: string | false }[] = [
  { engine: 'sqlite', skip: false },
  ...(await Promise.all(servers.map(async engine => ({ engine, skip: await skipWithout(engine) })))),
]

/** A column that counts up. */
export const counter: Readonly<Record<Dialect, string>> = {
  sqlite: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  postgres: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  mysql: 'BIGINT AUTO_INCREMENT PRIMARY KEY',
}

/** Databases that nobody else uses until the end of its block. */
export interface Place extends AsyncDisposable {
  /** The URL of the database of that name; created when it is first asked for. */
  url(name: string): Promise<string>
  open(name: string): Promise<Database>
}

export async function openPlace(engine: EngineName): Promise<Place> {
  return engine === 'sqlite' ? openFolder() : openServer(engine)
}

async function openFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-messaging-'))
  const url = async (name: string) => `sqlite:${join(folder, `${name}.db`)}`
  return {
    url,
    open: async name => openDatabase(await url(name)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

function openServer(engine: DatabaseName): Place {
  const databases = new Map<string, Promise<FreshDatabase>>()
  const url = async (name: string) => {
    const known = databases.get(name) ?? borrow(engine)
    databases.set(name, known)
    // A few connections for each of many members, as the server has a hundred for all that runs.
    return `${(await known).url}?pool_max=4`
  }
  return {
    url,
    open: async name => openDatabase(await url(name)),
    async [Symbol.asyncDispose]() {
      for (const database of databases.values()) await giveBack(engine, await database)
    },
  }
}

/** Emptied ones: to make and to drop a database takes a server far longer than most tests. */
const free = new Map<DatabaseName, FreshDatabase[]>()
after(async () => {
  for (const database of [...free.values()].flat()) await database[Symbol.asyncDispose]()
})

async function borrow(engine: DatabaseName): Promise<FreshDatabase> {
  return free.get(engine)?.pop() ?? freshDatabase(engine, { label: 'messaging' })
}

/** Without any table, for the next one. */
async function giveBack(engine: DatabaseName, fresh: FreshDatabase): Promise<void> {
  await using database = await openDatabase(fresh.url)
  const tables = await database.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
    [engine === 'postgres' ? 'public' : fresh.name],
  )
  const names = tables.map(({ name }) => database.grammar.quote(name))
  if (names.length > 0) await database.execute(`DROP TABLE ${names.join(', ')}`)
  free.set(engine, [...(free.get(engine) ?? []), fresh])
}
