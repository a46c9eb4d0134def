import { loadClient } from '../../../runtime/clients.ts'
import { type Surroundings, surroundings } from '../../../runtime/surroundings.ts'
import type { DatabaseDriver } from '../../driver.ts'
import type { ForeignClients } from '../../foreign.ts'
import { serverOperations } from '../../server/operations.ts'
import { type NativeSessions, nativeSessions } from '../../server/sessions.ts'
import type { ServerSettings } from '../../server/url.ts'
import { waitForServer } from '../../server/wait.ts'
import type { PgClient, PgPool } from './client.ts'
import { PostgresCommits } from './commits.ts'
import { classifyPostgres, isLoss } from './errors.ts'
import { postgresGrammar } from './grammar.ts'
import { joinedPostgres } from './joined.ts'
import { postgresKysely } from './kysely.ts'
import { borrowedSessions, type PostgresSessions, pooledSessions } from './sessions.ts'
import { PostgresStatements } from './statements.ts'
import { PostgresTransaction } from './transaction.ts'

export { parsePostgresUrl } from './url.ts'

/** Opens PostgreSQL over `pg`; waits for a server that is not up yet. */
export async function openPostgres(
  settings: ServerSettings,
  given: Partial<Surroundings> = {},
): Promise<DatabaseDriver<NativeSessions<PgClient>>> {
  const { Client } = (await loadClient('pg', () => import('pg'))).default
  const around = surroundings(given)
  const statements = new PostgresStatements(true)
  const { statementTimeoutMs } = settings
  const options = { statements, clock: around.clock, statementTimeoutMs }
  const sessions = pooledSessions(Client, settings, options, around)
  const driver = driverOver(nativeSessions(sessions), sessions, statements, around)
  await waitForServer(driver, settings.startTimeoutMs, around)
  return driver
}

/** Over a `pg` pool of the application's own. */
export function postgresOver<Pool extends PgPool>(
  pool: Pool,
  given: Partial<Surroundings> = {},
): DatabaseDriver<Pool> {
  const around = surroundings(given)
  const statements = new PostgresStatements(true)
  const options = { statements, clock: around.clock, statementTimeoutMs: 0 }
  return driverOver(pool, borrowedSessions(pool, options), statements, around)
}

function driverOver<Native>(
  native: Native,
  sessions: PostgresSessions,
  statements: PostgresStatements,
  around: Surroundings,
): DatabaseDriver<Native> {
  return {
    dialect: 'postgres',
    capabilities: {
      savepoints: true,
      concurrentTransactions: true,
      cancel: true,
      transactionalSchema: true,
      returning: true,
      shared: true,
    },
    grammar: postgresGrammar,
    kysely: postgresKysely,
    native,
    classify: classifyPostgres,
    joined: client => joinedPostgres(client as ForeignClients['postgres'], around.clock),
    whereabouts:
      "SELECT datname || ' (' || oid || ')' AS place FROM pg_database WHERE datname = current_database()",
    ...serverOperations({
      sessions,
      commits: new PostgresCommits(sessions, around),
      factsOf: sql => statements.of(sql).facts,
      begin: options => new PostgresTransaction(sessions, statements, options),
      isLoss,
    }),
  }
}
