import type { Surroundings } from '../../../runtime/surroundings.ts'
import { ConnectionPool } from '../../server/pool/connection-pool.ts'
import type { Sessions } from '../../server/sessions.ts'
import { passwordOf, type ServerSettings } from '../../server/url.ts'
import type { PgClient, PgPool } from './client.ts'
import { PostgresConnection, type PostgresConnectionOptions } from './connection.ts'

/** Sessions, and one beside them for what must not wait: to be closed by the caller. */
export interface PostgresSessions extends Sessions<PostgresConnection> {
  apart(): Promise<PostgresConnection>
}

type ClientClass = new (config: object) => PgClient

/** Sessions of the library's own, which it opens and closes. */
export function pooledSessions(
  Client: ClientClass,
  settings: ServerSettings,
  options: PostgresConnectionOptions,
  surroundings: Surroundings,
): PostgresSessions {
  const open = async () => {
    const client = new Client({
      host: settings.host,
      port: settings.port,
      user: settings.user,
      database: settings.database,
      // An empty text, because pg would look for a file of passwords when there is none.
      password: (await passwordOf(settings)) ?? '',
      ssl: settings.tls && { ...settings.tls, rejectUnauthorized: settings.tls.mode !== 'require' },
      connectionTimeoutMillis: settings.connectTimeoutMs,
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
      idle_in_transaction_session_timeout: settings.idleTransactionTimeoutMs,
      application_name: 'portolan',
      options: '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      pipeline: true,
    })
    const connection = new PostgresConnection(client, options)
    await client.connect()
    return connection
  }
  const pool = new ConnectionPool<PostgresConnection>(
    {
      open,
      close: connection => connection.close(),
      destroy: connection => connection.destroy(),
      isUsable: connection => !connection.lost && !connection.worn,
      ping: async connection => {
        await connection.command('SELECT 1')
      },
    },
    settings.pool,
    surroundings,
  )
  return {
    acquire: signal => pool.acquire(signal),
    release: (connection, state) => pool.release(connection, state),
    apart: open,
    dropIdle: () => pool.dropIdle(),
    close: late => pool.close(late),
  }
}

/** Sessions of an application's own `pg` pool, which stays its own: it is not closed here, and its settings hold. */
export function borrowedSessions(pool: PgPool, options: PostgresConnectionOptions): PostgresSessions {
  // What was prepared belongs to the client, so each keeps its connection for as long as it lives.
  const connections = new WeakMap<object, PostgresConnection>()
  const clients = new WeakMap<PostgresConnection, Awaited<ReturnType<PgPool['connect']>>>()
  const acquire = async () => {
    const client = await pool.connect()
    let connection = connections.get(client)
    if (!connection) {
      connection = new PostgresConnection(client, options)
      connections.set(client, connection)
      clients.set(connection, client)
    }
    return connection
  }
  return {
    acquire,
    release(connection, { broken } = { broken: false }) {
      clients.get(connection)?.release(broken || connection.lost || connection.worn)
    },
    async apart() {
      const connection = await acquire()
      connection.close = async () => clients.get(connection)?.release(true)
      return connection
    },
    dropIdle() {},
    async close() {},
  }
}
