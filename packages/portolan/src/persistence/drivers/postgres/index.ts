import type { Database } from '../../database.ts'
import { SqlDatabase, type SqlDatabaseOptions } from '../../sql-database.ts'
import type { PgPool } from './client.ts'
import { postgresOver } from './driver.ts'

export interface PostgresOptions<Pool extends PgPool> extends SqlDatabaseOptions {
  /** A pool of `pg`. It stays the application's: its settings hold, and closing the database leaves it open. */
  readonly pool: Pool
}

/**
 * A database over a `pg` pool that the application has anyway; `openDatabase('postgres://…')` makes one of its own.
 *
 * @example
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL })
 * const database = postgres({ pool })
 */
export function postgres<Pool extends PgPool>({ pool, ...given }: PostgresOptions<Pool>): Database<Pool> {
  return new SqlDatabase(postgresOver(pool, given), given)
}
