import { InfrastructureError } from '../../../ports/errors.ts'
import { loadClient } from '../../../runtime/clients.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { ConnectionPool } from '../../server/pool/connection-pool.ts'
import type { Sessions } from '../../server/sessions.ts'
import { passwordOf, type ServerSettings } from '../../server/url.ts'
import type { MysqlClient, MysqlModule, MysqlPool, PooledMysqlClient } from './client.ts'
import { MysqlConnection, type MysqlConnectionOptions } from './connection.ts'
import { sessionSettings } from './settings.ts'

/** Statements that a connection keeps prepared; the server has places for 16,382 of all its connections. */
const mostPrepared = 200

/** Sessions, and a way to end what one of them does. */
export interface MysqlSessions extends Sessions<MysqlConnection> {
  /** Ends what a connection runs, or the connection with it. Never rejects. */
  kill(what: 'QUERY' | 'CONNECTION', threadId: number | null): Promise<void>
}

export type SessionOptions = Pick<MysqlConnectionOptions, 'statements' | 'keys' | 'clock'>

export async function loadMysql(): Promise<MysqlModule> {
  return (await loadClient('mysql2', () => import('mysql2'))).default as unknown as MysqlModule
}

/** Sessions of the library's own, which it opens and closes. */
export function pooledSessions(
  { createConnection, TypedParameter }: MysqlModule,
  settings: ServerSettings,
  options: SessionOptions,
  surroundings: Surroundings,
): MysqlSessions {
  const { tls } = settings
  const verify = tls?.mode !== 'require'
  // One object for all connections, by which mysql2 knows that it has read the certificates.
  const ssl = tls && {
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    rejectUnauthorized: verify,
    verifyIdentity: verify,
  }
  const start = sessionSettings(settings)
  const connect = async () => {
    const client = createConnection({
      host: settings.host,
      port: settings.port,
      user: settings.user,
      database: settings.database,
      password: await passwordOf(settings),
      ssl,
      connectTimeout: settings.connectTimeoutMs,
      charset: 'UTF8MB4_BIN',
      timezone: 'Z',
      jsonStrings: true,
      // A server must not ask for files of this machine.
      flags: ['-LOCAL_FILES'],
      maxPreparedStatements: mostPrepared,
      enableKeepAlive: true,
      keepAliveInitialDelay: 10_000,
      connectAttributes: { program_name: 'portolan' },
    })
    const connection = new MysqlConnection(client, {
      ...options,
      statementTimeoutMs: settings.statementTimeoutMs,
      idleTransactionTimeoutMs: settings.idleTransactionTimeoutMs,
      integer: TypedParameter.LONGLONG,
      interrupt: threadId => kill('QUERY', threadId),
      ownsSession: true,
    })
    await connected(client)
    return connection
  }
  const kill: MysqlSessions['kill'] = async (what, threadId) => {
    try {
      const helper = await connect()
      await helper.command(`KILL ${what} ${threadId}`).catch(() => {})
      await helper.close()
    } catch {
      // The server cannot be reached, so it will notice that the connection is gone.
    }
  }
  const pool = new ConnectionPool<MysqlConnection>(
    {
      open: async () => {
        const connection = await connect()
        await connection.start(start)
        return connection
      },
      close: connection => connection.close(),
      destroy: connection => connection.destroy(),
      isUsable: connection => !connection.lost && !connection.worn,
      ping: connection => connection.ping(),
    },
    settings.pool,
    surroundings,
  )
  return {
    acquire: signal => pool.acquire(signal),
    release: (connection, state) => pool.release(connection, state),
    kill,
    dropIdle: () => pool.dropIdle(),
    close: late => pool.close(late),
  }
}

/** Sessions of an application's own pool, which stays its own: it is not closed here, and its limits and timeouts hold. */
export function borrowedSessions(given: MysqlPool, options: SessionOptions): MysqlSessions {
  const pool = 'pool' in given ? given.pool : given
  const start = sessionSettings(undefined)
  // What was prepared belongs to the client, so each keeps its connection for as long as it lives.
  const connections = new WeakMap<object, MysqlConnection>()
  const clients = new WeakMap<MysqlConnection, PooledMysqlClient>()
  const { resetOnRelease = false } = (pool as { config?: { resetOnRelease?: boolean } }).config ?? {}
  let integer: MysqlConnectionOptions['integer'] | undefined

  const take = () =>
    new Promise<PooledMysqlClient>((resolve, reject) => {
      pool.getConnection((error, client) => (error ? reject(error) : resolve(client)))
    })
  const acquire = async () => {
    integer ??= await integerOf(pool)
    const client = await take()
    const known = connections.get(client)
    if (known && !resetOnRelease) return known
    const interrupt = (threadId: number) => kill('QUERY', threadId)
    const connection =
      known ??
      new MysqlConnection(client, {
        ...options,
        integer,
        interrupt,
        statementTimeoutMs: 0,
        idleTransactionTimeoutMs: 0,
        ownsSession: false,
      })
    connections.set(client, connection)
    clients.set(connection, client)
    try {
      await connection.start(start)
    } catch (error) {
      client.destroy()
      throw error
    }
    return connection
  }
  const release: MysqlSessions['release'] = (connection, { broken } = { broken: false }) => {
    if (broken || connection.lost || connection.worn) connection.destroy()
    else clients.get(connection)?.release()
  }
  const kill: MysqlSessions['kill'] = async (what, threadId) => {
    try {
      const helper = await acquire()
      await helper.command(`KILL ${what} ${threadId}`).catch(() => {})
      release(helper)
    } catch {
      // As above.
    }
  }
  return { acquire, release, kill, dropIdle() {}, async close() {} }
}

function connected(client: MysqlClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect(error => (error ? reject(error) : resolve()))
  })
}

/** Parameters with a type are known only to the copy of the package that they come from. */
async function integerOf(pool: object): Promise<MysqlConnectionOptions['integer']> {
  const { Pool, TypedParameter } = await loadMysql()
  if (pool instanceof Pool && TypedParameter) return TypedParameter.LONGLONG
  throw new InfrastructureError(
    'precondition_failed',
    'The pool is not of the copy of mysql2 that is installed beside portolan. Install one of version 3.24 or newer for both, and make the pool with its `createPool`.',
  )
}
