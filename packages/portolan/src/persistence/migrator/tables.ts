import { InfrastructureError } from '../../ports/errors.ts'
import type { Database } from '../database.ts'

/** How the tables of the migrations themselves came about. Each step is followed by a query that fails before it. */
const steps: readonly { readonly make: string; readonly probe: string }[] = [
  {
    make: `CREATE TABLE portolan_migrations (
      namespace VARCHAR(100) NOT NULL, name VARCHAR(200) NOT NULL, checksum VARCHAR(80) NOT NULL,
      applied_at BIGINT NOT NULL, PRIMARY KEY (namespace, name))`,
    probe: 'SELECT name FROM portolan_migrations WHERE 1 = 0',
  },
  {
    make: 'CREATE TABLE portolan_migration_locks (namespace VARCHAR(100) NOT NULL PRIMARY KEY, taken BIGINT NOT NULL)',
    probe: 'SELECT taken FROM portolan_migration_locks WHERE 1 = 0',
  },
  {
    make: 'ALTER TABLE portolan_migrations ADD COLUMN duration_ms BIGINT',
    probe: 'SELECT duration_ms FROM portolan_migrations WHERE 1 = 0',
  },
  {
    // What runs outside of a transaction, or stopped there.
    make: `CREATE TABLE portolan_migration_runs (
      namespace VARCHAR(100) NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, direction VARCHAR(4) NOT NULL,
      owner VARCHAR(200) NOT NULL, started_at BIGINT NOT NULL, alive_at BIGINT NOT NULL,
      statement_number INTEGER NOT NULL, failure TEXT)`,
    probe: 'SELECT name FROM portolan_migration_runs WHERE 1 = 0',
  },
]

/**
 * Makes what is missing of the tables. Outside of a transaction, because a statement that fails would end one on some engines.
 */
export async function prepareTables(database: Database): Promise<void> {
  for (const { make, probe } of steps) {
    if (await answers(database, probe)) continue
    try {
      await database.execute(make)
    } catch (error) {
      // Somebody else may have been quicker. In a unit of work, which also sees what waits for the same commit.
      if (!(await database.run(() => answers(database, probe)).catch(() => false))) throw error
    }
  }
}

/** The rows of a query, or none where its table has not been made yet. */
export async function rowsIfThere<Row>(
  database: Database,
  sql: string,
  parameters: readonly string[],
): Promise<readonly Row[]> {
  try {
    return await database.query<Row>(sql, parameters)
  } catch (error) {
    if (database.inTransaction() || !isUnknownTable(error)) throw error
    return []
  }
}

async function answers(database: Database, probe: string): Promise<boolean> {
  try {
    await database.query(probe)
    return true
  } catch (error) {
    if (isUnknownTable(error)) return false
    throw error
  }
}

/** A query that can have no other mistake. */
function isUnknownTable(error: unknown): boolean {
  return InfrastructureError.is(error, 'invalid_argument')
}
