import type { DatabaseSync } from 'node:sqlite'
import { InfrastructureError } from '../ports/errors.ts'
import type { Database, DatabaseAddress } from './database.ts'
import type { DatabaseDriver } from './driver.ts'
import type { MysqlClient } from './drivers/mysql/client.ts'
import type { PgClient } from './drivers/postgres/client.ts'
import type { NativeSessions } from './server/sessions.ts'
import type { ServerOptions } from './server/url.ts'
import { SqlDatabase, type SqlDatabaseOptions } from './sql-database.ts'

export interface DatabaseOptions extends ServerOptions, SqlDatabaseOptions {}

/** The native client behind a URL, where its text tells. */
export type NativeOf<Url extends string> = Url extends `sqlite:${string}`
  ? DatabaseSync
  : Url extends `postgres${'' | 'ql'}:${string}`
    ? NativeSessions<PgClient>
    : Url extends `${'mysql' | 'mariadb'}:${string}`
      ? NativeSessions<MysqlClient>
      : unknown

type Open = (url: string, options: DatabaseOptions) => Promise<DatabaseDriver>

/** Each loads its driver when it is asked for, and the driver its client library. */
const drivers: Readonly<Record<string, Open>> = {
  async sqlite(url, options) {
    const { openNodeSqlite, openSqlite, parseSqliteUrl } = await import('./drivers/sqlite/driver.ts')
    return openSqlite(parseSqliteUrl(url), options, openNodeSqlite)
  },
  async postgres(url, options) {
    const { openPostgres, parsePostgresUrl } = await import('./drivers/postgres/driver.ts')
    return openPostgres(parsePostgresUrl(url, options), options)
  },
  async mysql(url, options) {
    const { openMysql, parseMysqlUrl } = await import('./drivers/mysql/driver.ts')
    return openMysql(parseMysqlUrl(url, options), options)
  },
}

const aliases: Readonly<Record<string, string>> = { postgresql: 'postgres', mariadb: 'mysql' }

/**
 * Opens the database that `url` names.
 *
 * - `sqlite:./shop.db` (missing folders are made) or `sqlite::memory:`. Parameters: `synchronous` (`full`, the default, survives a
 *   loss of power; `normal` may lose the last commits then, but never corrupts), `busy_timeout` (milliseconds to wait for other
 *   processes that write; default 5000) and `transaction_timeout` (milliseconds that a unit of work may keep others waiting; default
 *   30000).
 * - `postgres://user:password@host:5432/shop` needs the package `pg`. Parameters: `pool_max` (connections; default 10), and these
 *   durations, as milliseconds or text such as `30s`: `acquire_timeout` (10s, to wait for a connection), `pool_idle_timeout` (30s),
 *   `pool_max_lifetime` (30m), `connect_timeout` (5s), `start_timeout` (5s, to wait for a server that is not up yet),
 *   `statement_timeout` (60s), `lock_timeout` (10s), `idle_transaction_timeout` (60s); `tls` (`off`, the default, `require` or
 *   `verify`) and `tls_ca` (a file). The options take a `password` that changes, and certificates.
 * - `mysql://user:password@host:3306/shop`, also `mariadb://`, needs the package `mysql2`, and takes the same parameters.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown; `unavailable`, `unauthenticated` or
 * `not_found` when it cannot be opened. The URL is in none of them: it may hold a password.
 * @example
 * await using database = await openDatabase('sqlite:./shop.db')
 * await database.run(async () => {
 *   await database.execute('UPDATE stock SET units = units - ? WHERE sku = ?', [2, sku])
 * })
 */
export async function openDatabase<const Url extends string>(
  url: Url,
  options: DatabaseOptions = {},
): Promise<Database<NativeOf<Url>>> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  const open = scheme === undefined ? undefined : drivers[aliases[scheme] ?? scheme]
  if (open)
    return new SqlDatabase(await open(url, options), options, addressOf(url, options)) as Database<
      NativeOf<Url>
    >
  throw new InfrastructureError(
    'invalid_argument',
    `${scheme ? `There is no database driver for '${scheme}:'` : 'The database URL has no scheme'}. ` +
      'Use sqlite:./file.db, sqlite::memory:, postgres://user@host/database or mysql://user@host/database.',
  )
}

function addressOf(url: string, { password, tls }: DatabaseOptions): DatabaseAddress | undefined {
  if (/^sqlite::memory:/i.test(url) || typeof password === 'function') return undefined
  return {
    url,
    options: {
      ...(password !== undefined && {
        password: typeof password === 'string' ? password : password.reveal(),
      }),
      ...(tls && { tls }),
    },
  }
}
