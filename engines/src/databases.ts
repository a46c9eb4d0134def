import { randomBytes } from 'node:crypto'
import { findEngine, whyNot } from './find.ts'
import { type DatabaseName, databases, type ServerName } from './servers/index.ts'

/** A database that is there for one test. */
export interface FreshDatabase extends AsyncDisposable {
  readonly url: string
  readonly name: string
}

export interface FreshDatabaseOptions {
  /** The server to create it on; the one that `engineUrl` finds by default. */
  readonly server?: string
  /** Part of its name, to tell who left it behind when a test was killed. Default: `test`. */
  readonly label?: string
}

/**
 * The URL of a server that runs, with the rights of its administrator.
 *
 * @throws Error that says how to get one, when there is none.
 */
export async function engineUrl(name: ServerName, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const engine = await findEngine(name, env)
  if (engine.url === undefined) throw new Error(`There is ${whyNot(engine)}.`)
  return engine.url
}

/**
 * Creates an empty database with a name of its own (UTF-8), and drops it when it is disposed of, whoever is connected.
 *
 * @example
 * await using fresh = await freshDatabase('postgres')
 * await using database = await openDatabase(fresh.url)
 */
export async function freshDatabase(
  name: DatabaseName,
  { server, label = 'test' }: FreshDatabaseOptions = {},
): Promise<FreshDatabase> {
  const admin = server ?? (await engineUrl(name))
  const database = `portolan_${label}_${randomBytes(8).toString('hex')}`
  const url = new URL(admin)
  url.pathname = `/${database}`
  await databases[name].createDatabase(admin, database)
  return {
    url: url.href,
    name: database,
    [Symbol.asyncDispose]: () => databases[name].dropDatabase(admin, database),
  }
}
