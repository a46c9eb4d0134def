import type { Dialect } from '../../persistence/driver.ts'
import type { Migration, MigrationSet } from '../../persistence/migrations.ts'

type Load = () => Promise<{ readonly migrations: readonly Migration[] }>

/** Each engine has tables of its own for jobs. */
const jobs: Readonly<Record<Dialect, Load>> = {
  sqlite: () => import('../../jobs/drivers/sqlite/schema.ts'),
  postgres: () => import('../../jobs/drivers/postgres/schema.ts'),
  mysql: () => import('../../jobs/drivers/mysql/schema.ts'),
}

/** The library's own tables on an engine. */
export async function librarySets(dialect: Dialect): Promise<readonly MigrationSet[]> {
  const { namespace, migrations } = await import('../../messaging/tables.ts')
  const jobTables = await jobs[dialect]()
  return [
    { namespace, migrations },
    { namespace: 'portolan-jobs', migrations: jobTables.migrations },
  ]
}
