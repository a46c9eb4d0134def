import type { Clock } from 'portolan'
import type { LimitsHarness } from 'portolan/contracts'
import { databaseLimits, type LimitDriver, memoryLimits } from 'portolan/limits'
import { type Database, openDatabase } from 'portolan/persistence'
import { redisLimits } from '../../src/limits/drivers/redis.ts'
import type { RedisAddress } from '../../src/redis/index.ts'
import type { Place } from '../support/cases-on-engines.ts'

export async function inMemory(): Promise<LimitsHarness> {
  const driver = memoryLimits()
  return harness(async () => ({ ...driver, async close() {} }))
}

export async function onRedis(address: RedisAddress): Promise<LimitsHarness> {
  return harness(() => redisLimits(address))
}

export async function onDatabase({ url, remove }: Place): Promise<LimitsHarness> {
  const databases: Database[] = []
  const open = async (clock: Clock | undefined) => {
    const database = await openDatabase(url)
    databases.push(database)
    return databaseLimits({ database, ...(clock && { clock }) })
  }
  return harness(open, async () => {
    for (const database of databases) await database.close()
    await remove()
  })
}

function harness(
  open: (clock: Clock | undefined) => Promise<LimitDriver>,
  after = async () => {},
): LimitsHarness {
  const drivers: LimitDriver[] = []
  return {
    async join({ clock } = {}) {
      const driver = await open(clock)
      drivers.push(driver)
      return driver
    },
    async [Symbol.asyncDispose]() {
      for (const driver of drivers) await driver.close()
      await after()
    },
  }
}
