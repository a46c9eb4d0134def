import { type Surroundings, surroundings } from '../../../runtime/surroundings.ts'
import type { DatabaseDriver } from '../../driver.ts'
import type { ForeignClients } from '../../foreign.ts'
import { type ServerOperations, serverOperations } from '../../server/operations.ts'
import { type NativeSessions, nativeSessions } from '../../server/sessions.ts'
import type { ServerSettings } from '../../server/url.ts'
import { waitForServer } from '../../server/wait.ts'
import type { MysqlClient, MysqlPool } from './client.ts'
import { MysqlCommits } from './commits.ts'
import { classifyMysql } from './errors.ts'
import { mysqlGrammar } from './grammar.ts'
import { JoinedMysql } from './joined.ts'
import { mysqlKysely } from './kysely.ts'
import { isLoss } from './server-error.ts'
import { borrowedSessions, loadMysql, type MysqlSessions, pooledSessions } from './sessions.ts'
import { MysqlStatements } from './statements.ts'
import { MysqlTransaction } from './transaction.ts'
import { UniqueKeys } from './unique-keys.ts'

export { parseMysqlUrl } from './url.ts'

/** Opens MySQL or MariaDB over `mysql2`; waits for a server that is not up yet. */
export async function openMysql(
  settings: ServerSettings,
  given: Partial<Surroundings> = {},
): Promise<DatabaseDriver<NativeSessions<MysqlClient>>> {
  const module = await loadMysql()
  const around = surroundings(given)
  const statements = new MysqlStatements()
  const keys = new UniqueKeys()
  const options = { statements, keys, clock: around.clock }
  const sessions = pooledSessions(module, settings, options, around)
  const native = nativeSessions(sessions, session => session.endTransactions())
  const driver = driverOver(native, sessions, statements, keys, around)
  await waitForServer(driver, settings.startTimeoutMs, around)
  return driver
}

/** Over a `mysql2` pool of the application's own. */
export function mysqlOver<Pool extends MysqlPool>(
  pool: Pool,
  given: Partial<Surroundings> = {},
): DatabaseDriver<Pool> {
  const around = surroundings(given)
  const statements = new MysqlStatements()
  const keys = new UniqueKeys()
  const sessions = borrowedSessions(pool, { statements, keys, clock: around.clock })
  return driverOver(pool, sessions, statements, keys, around)
}

function driverOver<Native>(
  native: Native,
  sessions: MysqlSessions,
  statements: MysqlStatements,
  keys: UniqueKeys,
  { clock }: Surroundings,
): DatabaseDriver<Native> {
  const operations: ServerOperations = serverOperations({
    sessions,
    commits: new MysqlCommits(clock, async () => {
      // Called so by MariaDB, and by MySQL.
      const rows = await operations.autocommit.query(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_lsn_current', 'Innodb_redo_log_current_lsn')",
        [],
      )
      return rows[0]?.Value
    }),
    factsOf: sql => statements.of(sql).facts,
    begin: options => new MysqlTransaction(sessions, statements, options),
    isLoss,
  })
  const joining = new JoinedMysql(keys, clock)
  return {
    dialect: 'mysql',
    capabilities: {
      savepoints: true,
      concurrentTransactions: true,
      cancel: true,
      transactionalSchema: false,
      returning: false,
      shared: true,
    },
    grammar: mysqlGrammar,
    kysely: mysqlKysely,
    native,
    classify: classifyMysql,
    joined: client => joining.connect(client as ForeignClients['mysql']),
    whereabouts: 'SELECT DATABASE() AS place',
    ...operations,
  }
}
