import type { Dialect } from '../persistence/driver.ts'
import type { Migration } from '../persistence/migrations.ts'
import { mysqlTables } from './tables/mysql.ts'
import { postgresTables } from './tables/postgres.ts'
import { sqliteTables } from './tables/sqlite.ts'
import type { TableSteps } from './tables/steps.ts'

export const namespace = 'portolan_messaging'

const tables: Readonly<Record<Dialect, TableSteps>> = {
  sqlite: sqliteTables,
  postgres: postgresTables,
  mysql: mysqlTables,
}

/**
 * The tables of messaging, of the database broker and of sagas. A `seq` never comes again: what is read ahead and what is acknowledged are
 * told apart by it. Times are milliseconds since the epoch.
 */
export const migrations: readonly Migration[] = [
  { name: '0001-outbox', up: step('outbox') },
  { name: '0002-shards', up: step('shards') },
  { name: '0003-database-broker', up: step('databaseBroker') },
  { name: '0004-retries', up: step('retries') },
  { name: '0005-sagas', up: step('sagas') },
]

function step(name: keyof TableSteps): Record<Dialect, string> {
  return { sqlite: tables.sqlite[name], postgres: tables.postgres[name], mysql: tables.mysql[name] }
}
