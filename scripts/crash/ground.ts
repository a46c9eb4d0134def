import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from 'portolan/persistence'
import {
  type DatabaseName,
  freshDatabase,
  type ServerName,
  startProxy,
  startServer,
  type TcpProxy,
  type ThrowawayServer,
} from 'portolan-engines'

/** Something that the shop stands on: where it is, and what can be done to it. */
export interface Ground extends AsyncDisposable {
  readonly kind: 'database' | 'broker'
  readonly url: string
  /** `undefined` for what is not this run's own. */
  readonly server: ThrowawayServer | undefined
  readonly proxy: TcpProxy | undefined
}

/** A database: a URL, a server of this run's own by its name, or `sqlite`, which is the default: a file. */
export async function databaseGround(where: string | undefined): Promise<Ground> {
  if (where === 'postgres' || where === 'mysql')
    return ownServer('database', where, async url => (await freshDatabase(where, { server: url })).url)
  if (where !== undefined && where !== 'sqlite') {
    // What is wrong with it is said here, instead of by processes that end as soon as they are begun.
    await (await openDatabase(where)).close()
    return elsewhere('database', where)
  }
  const folder = await mkdtemp(join(tmpdir(), 'portolan-crash-'))
  return {
    ...{ kind: 'database', url: `sqlite:${join(folder, 'shop.db')}`, server: undefined, proxy: undefined },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A broker: a URL, or a server of this run's own by its name. */
export async function brokerGround(where: string): Promise<Ground> {
  if (where === 'rabbitmq' || where === 'nats' || where === 'redis')
    return ownServer('broker', where, async url => url)
  if (where === 'mqtt') return ownServer('broker', where, async url => `${url}?checkpoint=true`)
  if (where === 'kafka') {
    const server = await startServer(where)
    // Kafka tells its clients where to connect to: nothing can stand in between.
    return {
      kind: 'broker',
      url: server.url,
      server,
      proxy: undefined,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  }
  return elsewhere('broker', where)
}

async function ownServer(
  kind: Ground['kind'],
  name: ServerName | DatabaseName,
  prepare: (url: string) => Promise<string>,
): Promise<Ground> {
  const server = await startServer(name)
  const proxy = await startProxy({ host: '127.0.0.1', port: server.port })
  const url = new URL(await prepare(server.url))
  url.port = String(proxy.port)
  return {
    ...{ kind, url: url.href, server, proxy },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

function elsewhere(kind: Ground['kind'], url: string): Ground {
  return { kind, url, server: undefined, proxy: undefined, async [Symbol.asyncDispose]() {} }
}
