import { type Contract, contract } from './contract.ts'
import { concurrencyCases } from './persistence-concurrency.ts'
import { importCases } from './persistence-import.ts'
import type { PersistenceHarness } from './persistence-kit.ts'
import { migrationCases } from './persistence-migrations.ts'
import { queryLanguageCases } from './persistence-query-language.ts'
import { repositoryCases } from './persistence-repositories.ts'
import { statementCases } from './persistence-statements.ts'
import { unitLifeCases } from './persistence-unit-life.ts'
import { unitCases } from './persistence-units.ts'

export type { PersistenceHarness } from './persistence-kit.ts'

/** What a database must do, whatever engine is behind it. */
export const persistenceContract: Contract<PersistenceHarness> = contract('persistence', [
  ...unitCases,
  ...unitLifeCases,
  ...concurrencyCases,
  ...statementCases,
  ...queryLanguageCases,
  ...repositoryCases,
  ...importCases,
  ...migrationCases,
])
