import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CacheBus,
  type CacheService,
  createCache,
  databaseBus,
  memoryBus,
  memoryStore,
} from 'portolan/cache'
import type { CacheHarness, JoinOptions } from 'portolan/contracts'
import { createLocks, memoryLocks, openLocks } from 'portolan/locks'
import { type Database, openDatabase } from 'portolan/persistence'
import { type DatabaseName, engineUrl, freshDatabase, startProxy, type TcpProxy } from 'portolan-engines'
import { redisCache } from '../../src/cache/drivers/redis/index.ts'
import { parseRedisUrl } from '../../src/redis/index.ts'

export async function alone(): Promise<CacheHarness> {
  return harness(async options => createCache(options))
}

export async function inMemory(): Promise<CacheHarness> {
  const store = memoryStore()
  const bus = memoryBus()
  const driver = memoryLocks()
  // Whoever shares them must not close them for the others.
  const shared = { ...store, async close() {} }
  const locks = createLocks({ driver })
  return harness(async options => createCache({ ...options, store: shared, bus: bus.join(), locks }))
}

export const onRedis = (): Promise<CacheHarness> => overRedis()

/** Redis with a bus through a database, of which there is one for all cases. */
export function withBusOf(engine: DatabaseName | 'sqlite') {
  const place = engine === 'sqlite' ? sqliteFile() : server(engine)
  return {
    async open(): Promise<CacheHarness> {
      const { url } = await place
      return overRedis(url)
    },
    async close(): Promise<void> {
      await (await place).remove()
    },
  }
}

async function overRedis(database?: string): Promise<CacheHarness> {
  const redis = await engineUrl('redis')
  const prefix = `test-${randomUUID().slice(0, 8)}`
  const proxies: TcpProxy[] = []
  const databases: Database[] = []
  const locks: AsyncDisposable[] = []
  let joined = 0

  /** The first is behind a network that can be broken. */
  async function place(url: string): Promise<string> {
    if (joined > 0) return url
    const target = new URL(url)
    const proxy = await startProxy({ host: target.hostname, port: Number(target.port) })
    proxies.push(proxy)
    target.port = String(proxy.port)
    return target.href
  }

  async function busOf(url: string): Promise<CacheBus> {
    const reached = url.startsWith('sqlite:') ? url : `${await place(url)}?pool_max=3`
    const opened = await openDatabase(reached)
    databases.push(opened)
    return databaseBus({ database: opened, channel: prefix })
  }

  async function open(options: JoinOptions): Promise<CacheService> {
    // A busy machine is not a store that is down: a case that is about that says so.
    const aboutFaults = options.timeout !== undefined && joined === 0
    const limits = aboutFaults ? '&command_timeout=1s&connect_timeout=1s' : ''
    const url = `${await place(redis)}?prefix=${prefix}${limits}`
    const own = database === undefined ? undefined : await busOf(database)
    joined++
    const { store, bus } = await redisCache(parseRedisUrl(url))
    const theirs = await openLocks(url)
    locks.push(theirs)
    return createCache({ timeout: '10s', ...options, store, bus: own ?? bus, locks: theirs })
  }

  const made = harness(open, async () => {
    for (const proxy of proxies) proxy.thaw()
    for (const each of locks) await each[Symbol.asyncDispose]()
    for (const each of databases) await each.close()
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
    await removeAll(redis, prefix)
  })
  return {
    ...made,
    faults: {
      sever() {
        for (const proxy of proxies) proxy.freeze()
      },
      restore() {
        for (const proxy of proxies) {
          proxy.thaw()
          proxy.cut()
        }
      },
    },
  }
}

async function removeAll(url: string, prefix: string): Promise<void> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url)
  const keys = await client.keys(`${prefix}:*`)
  if (keys.length > 0) await client.unlink(keys)
  client.disconnect()
}

async function server(engine: DatabaseName) {
  const fresh = await freshDatabase(engine, { label: 'cache' })
  return { url: fresh.url, remove: () => fresh[Symbol.asyncDispose]() }
}

async function sqliteFile() {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-cache-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  return { url: `sqlite:${join(folder, 'cache.db')}`, remove }
}

function harness(
  open: (options: JoinOptions) => Promise<CacheService>,
  after = async () => {},
): CacheHarness {
  const caches: CacheService[] = []
  return {
    async join(options = {}) {
      const cache = await open(options)
      caches.push(cache)
      await cache.start()
      return cache
    },
    async [Symbol.asyncDispose]() {
      for (const cache of caches) await cache.stop()
      await after()
    },
  }
}
