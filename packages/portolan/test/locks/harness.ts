import type { Clock } from 'portolan'
import type { LocksHarness } from 'portolan/contracts'
import { databaseFence, databaseLocks, type LockDriver, memoryLocks } from 'portolan/locks'
import { type Database, openDatabase } from 'portolan/persistence'
import { redisLocks } from '../../src/locks/drivers/redis.ts'
import type { RedisAddress } from '../../src/redis/index.ts'
import type { Place } from '../support/cases-on-engines.ts'

type Open = (clock: Clock | undefined) => Promise<LockDriver>

export async function inMemory(): Promise<LocksHarness> {
  const driver = memoryLocks()
  // Whoever shares it must not close it for the others.
  return harness(async () => ({ ...driver, async close() {} }), await openDatabase('sqlite::memory:'))
}

export async function onRedis(address: RedisAddress): Promise<LocksHarness> {
  return harness(() => redisLocks(address), await openDatabase('sqlite::memory:'))
}

export async function onDatabase({ url, remove }: Place): Promise<LocksHarness> {
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
  const openDriver: Open = async clock => databaseLocks({ database: await open(), ...(clock && { clock }) })
  return harness(openDriver, await open(), close)
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
