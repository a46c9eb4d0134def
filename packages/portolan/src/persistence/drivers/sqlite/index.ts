import type { Database } from '../../database.ts'
import { SqlDatabase, type SqlDatabaseOptions } from '../../sql-database.ts'
import { overBetterSqlite } from './better-sqlite.ts'
import type { BetterSqliteHandle } from './client.ts'
import { openSqlite, parseSqliteUrl } from './driver.ts'

export interface SqliteOptions<Handle extends BetterSqliteHandle> extends SqlDatabaseOptions {
  /** As `openDatabase` takes it: `sqlite:./shop.db?synchronous=normal`. */
  readonly url: string
  /** The class that `better-sqlite3` exports. */
  readonly Database: new (
    path: string,
    options: { readonly readonly: boolean; readonly timeout: number },
  ) => Handle
}

/**
 * A SQLite database over `better-sqlite3`; `openDatabase('sqlite:…')` makes one over `node:sqlite`, which needs no package. Where other
 * code of the process, such as an ORM, opens the same file by `better-sqlite3`, it has to be this one: two copies of SQLite in one
 * process do not see each other's locks, and would corrupt the file.
 *
 * @throws InfrastructureError as `openDatabase` does.
 * @example
 * await using database = await sqlite({ url: 'sqlite:./shop.db', Database: BetterSqlite })
 */
export async function sqlite<Handle extends BetterSqliteHandle>({
  url,
  Database,
  ...given
}: SqliteOptions<Handle>): Promise<Database<Handle>> {
  const driver = await openSqlite(parseSqliteUrl(url), given, (path, { readOnly, busyMs }) => {
    const handle = new Database(path, { readonly: readOnly, timeout: busyMs })
    return { native: handle, client: overBetterSqlite(handle) }
  })
  return new SqlDatabase(driver, given)
}
