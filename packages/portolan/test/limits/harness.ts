import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from 'portolan'
import type { LimitsHarness } from 'portolan/contracts'
import { databaseLimits, type LimitDriver, memoryLimits } from 'portolan/limits'
import { type Database, openDatabase } from 'portolan/persistence'
import { type DatabaseName, engineUrl, freshDatabase } from 'portolan-engines'
import { redisLimits } from '../../src/limits/drivers/redis.ts'
import { parseRedisUrl } from '../../src/redis/index.ts'

export async function inMemory(): Promise<LimitsHarness> {
  const driver = memoryLimits()
  return harness(async () => ({ ...driver, async close() {} }))
}

export async function onFile(): Promise<LimitsHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-limits-'))
  return onDatabase(`sqlite:${join(folder, 'limits.db')}`, () => rm(folder, { recursive: true, force: true }))
}

export async function onServer(engine: DatabaseName): Promise<LimitsHarness> {
  const fresh = await freshDatabase(engine, { label: 'limits' })
  return onDatabase(`${fresh.url}?pool_max=4`, async () => fresh[Symbol.asyncDispose]())
}

export async function onRedis(): Promise<LimitsHarness> {
  const address = parseRedisUrl(`${await engineUrl('redis')}?prefix=portolan-test`)
  return harness(() => redisLimits(address))
}

function onDatabase(url: string, remove: () => Promise<void>): LimitsHarness {
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
