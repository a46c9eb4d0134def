import type { Database } from '../persistence/database.ts'
import type { Migration } from '../persistence/migrations.ts'
import { InfrastructureError } from '../ports/errors.ts'

/**
 * Checks that a database has the tables of a part of the library.
 *
 * @throws InfrastructureError `precondition_failed` when there are none, or older ones than this library needs.
 */
export async function requireTables(
  database: Database,
  what: string,
  namespace: string,
  migrations: readonly Migration[],
): Promise<void> {
  const statuses = await database.migrator(namespace, migrations).status()
  const applied = statuses.filter(({ state }) => state === 'applied').length
  if (applied >= migrations.length) return
  throw new InfrastructureError(
    'precondition_failed',
    `${applied === 0 ? `This database has no tables of ${what}.` : `The tables of ${what} are of an older version.`} ` +
      `An application makes them when it starts; so does 'portolan migrate up --namespace ${namespace}'.`,
  )
}
