import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from 'portolan'
import type { LocksHarness } from 'portolan/contracts'
import { databaseFence, databaseLocks, type LockDriver, memoryLocks } from 'portolan/locks'
import { type Database, openDatabase } from 'portolan/persistence'
import { type DatabaseName, engineUrl, freshDatabase } from 'portolan-engines'
import { redisLocks } from '../../src/locks/drivers/redis.ts'
import { parseRedisUrl } from '../../src/redis/index.ts'

type Open = (clock: Clock | undefined) => Promise<LockDriver>

export async function inMemory(): Promise<LocksHarness> {
  const driver = memoryLocks()
  // Whoever shares it must not close it for the others.
  return harness(async () => ({ ...driver, async close() {} }), await openDatabase('sqlite::memory:'))
}

export async function onFile(): Promise<LocksHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-locks-'))
  return onDatabase(`sqlite:${join(folder, 'locks.db')}`, () => rm(folder, { recursive: true, force: true }))
}

export async function onServer(engine: DatabaseName): Promise<LocksHarness> {
  const fresh = await freshDatabase(engine, { label: 'locks' })
  return onDatabase(`${fresh.url}?pool_max=4`, async () => fresh[Symbol.asyncDispose]())
}

export async function onRedis(): Promise<LocksHarness> {
  const address = parseRedisUrl(`${await engineUrl('redis')}?prefix=portolan-test`)
  return harness(() => redisLocks(address), await openDatabase('sqlite::memory:'))
}

function onDatabase(url: string, remove: () => Promise<void>): Promise<LocksHarness> {
  const databases: Database[] = []
  async function open(): Promise<Database> {
    const database = await openDatabase(url)
    databases.push(database)
    return database
  }
  async function close(): Promise<void> {
    for (const database of databases) await database.close()
    await remove()
  }
  return open().then(own =>
    harness(async clock => databaseLocks({ database: await open(), ...(clock && { clock }) }), own, close),
  )
}

async function harness(open: Open, fenced: Database, after = async () => {}): Promise<LocksHarness> {
  const drivers: LockDriver[] = []
  const fence = await databaseFence(fenced)
  return {
    fence,
    async join({ clock } = {}) {
      const driver = await open(clock)
      await driver.open()
      drivers.push(driver)
      return driver
    },
    async [Symbol.asyncDispose]() {
      for (const driver of drivers) await driver.close()
      await fenced.close()
      await after()
    },
  }
}
