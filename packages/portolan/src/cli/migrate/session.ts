import type { Database } from '../../persistence/database.ts'
import type { MigrationSet } from '../../persistence/migrations.ts'
import type { Migrator, MigratorOptions } from '../../persistence/migrator.ts'
import { InfrastructureError } from '../../ports/errors.ts'
import { type Terminal, UsageError } from '../command.ts'
import { type Connecting, connect } from '../database.ts'
import { unknownText } from '../unknown.ts'
import { librarySets } from './library.ts'
import { applicationSets } from './sources.ts'

export interface SessionOptions {
  readonly database?: string | undefined
  /** As of `connect`. */
  readonly absent: Connecting['absent']
  readonly folder?: string | undefined
  readonly module?: string | undefined
  /** Empty: all of the application, and those of the library that the database has. */
  readonly namespaces: readonly string[]
}

/** The migrator of a namespace. */
export interface Chosen {
  readonly namespace: string
  readonly migrator: Migrator
}

/** A database, and the migrations that a command is about. */
export interface Session extends AsyncDisposable {
  /** What the command is about, in order. */
  readonly chosen: readonly Chosen[]
  /** For a command about one namespace. @throws UsageError when it is not clear which. */
  one(): Chosen
}

export async function openSession(
  { database: url, absent, folder, module, namespaces }: SessionOptions,
  terminal: Terminal,
  options: MigratorOptions,
): Promise<Session> {
  const own = await applicationSets(
    { folder, module, namespace: namespaces.length === 1 ? namespaces[0] : undefined },
    terminal.directory,
  )
  if (own.length === 0 && namespaces.length === 0) {
    throw new UsageError(
      'Which migrations? Give --folder DIR and --namespace NAME, or --module PATH, or name the module in package.json: "portolan": { "migrations": "./src/migrations.ts" }.',
    )
  }
  // Building an index may take as long as it takes.
  const database = await connect(url, terminal, { absent, parameter: 'statement_timeout=0' })
  try {
    const library = await librarySets(database.dialect)
    const chosen = await choose(database, own, library, namespaces, options)
    return {
      chosen,
      one() {
        const candidates = namespaces.length > 0 ? chosen : chosen.slice(0, own.length)
        if (candidates.length === 1) return candidates[0]!
        throw new UsageError(
          `Which namespace? Give --namespace with one of ${candidates.map(({ namespace }) => namespace).join(', ')}.`,
        )
      },
      [Symbol.asyncDispose]: () => database.close(),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function choose(
  database: Database,
  own: readonly MigrationSet[],
  library: readonly MigrationSet[],
  namespaces: readonly string[],
  options: MigratorOptions,
): Promise<readonly Chosen[]> {
  const migrator = ({ namespace, migrations }: MigrationSet): Chosen => ({
    namespace,
    migrator: database.migrator(namespace, migrations, options),
  })
  if (namespaces.length > 0) {
    const known = new Map([...library, ...own].map(set => [set.namespace, set]))
    return namespaces.map(namespace => {
      const set = known.get(namespace)
      if (!set) throw new UsageError(unknownText('namespace', namespace, [...known.keys()]))
      return migrator(set)
    })
  }
  const chosen = own.map(migrator)
  for (const set of library) {
    const used = await usedOf(() => migrator(set))
    if (used) chosen.push(used)
  }
  return chosen
}

/** A namespace of the library that the database has tables of. */
async function usedOf(make: () => Chosen): Promise<Chosen | undefined> {
  try {
    const chosen = make()
    const statuses = await chosen.migrator.status()
    return statuses.some(({ state }) => state !== 'pending') ? chosen : undefined
  } catch (error) {
    // What it needs is not there on this engine.
    if (InfrastructureError.is(error, 'unsupported')) return undefined
    throw error
  }
}
