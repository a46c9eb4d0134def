import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { Database } from '../../database.ts'
import { SqlDatabase } from '../../sql-database.ts'
import type { MysqlPool } from './client.ts'
import { mysqlOver } from './driver.ts'

export interface MysqlOptions<Pool extends MysqlPool> extends Partial<Surroundings> {
  /** A pool of `mysql2` or `mysql2/promise`. It stays the application's: its limits hold, and closing the database leaves it open. */
  readonly pool: Pool
}

/**
 * A database over a `mysql2` pool that the application has anyway; `openDatabase('mysql://…')` makes one of its own. Connections that
 * it lends get the modes, the character set and the time zone that the library needs, and keep them.
 *
 * @example
 * const pool = createPool({ uri: process.env.DATABASE_URL })
 * const database = mysql({ pool })
 */
export function mysql<Pool extends MysqlPool>({ pool, ...given }: MysqlOptions<Pool>): Database<Pool> {
  return new SqlDatabase(mysqlOver(pool, given), given)
}
