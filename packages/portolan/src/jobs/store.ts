import type { Database, Dialect } from '../persistence/database.ts'
import type { Clock } from '../ports/time.ts'
import type { JobStore } from './driver.ts'
import { mysqlEngine } from './drivers/mysql/engine.ts'
import { postgresEngine } from './drivers/postgres/engine.ts'
import type { JobEngine } from './drivers/sql/engine.ts'
import { sqlJobStore } from './drivers/sql/store.ts'
import { sqliteEngine } from './drivers/sqlite/engine.ts'
import type { JobDriver } from './job-driver.ts'

type OpenEngine = (database: Database, clock: Clock) => JobEngine

const engines: Readonly<Record<Dialect, OpenEngine>> = {
  sqlite: sqliteEngine,
  postgres: postgresEngine,
  mysql: mysqlEngine,
}

/** Jobs in `database`, in whose units of work they take part. */
export function databaseJobs(database: Database): JobDriver {
  const { concurrentTransactions } = database.capabilities
  return {
    capabilities: {
      ...{ transactions: true, concurrentTransactions, groups: true, flows: true },
      ...{ changingUnique: true, timedUnique: true, simulatedTime: true },
    },
    open: ({ surroundings }) => ({
      store: jobStore(database, surroundings.clock),
      units: database,
      async close() {},
    }),
  }
}

/** The job store in `database`. */
export function jobStore(database: Database, clock: Clock): JobStore {
  return sqlJobStore(engines[database.dialect](database, clock))
}
