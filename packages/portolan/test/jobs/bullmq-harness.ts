import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import type { JobsHarness } from 'portolan/contracts'
import { openDatabase } from 'portolan/persistence'
import { engineUrl } from 'portolan-engines'
import { bullmqJobs } from '../../src/jobs/drivers/bullmq/driver.ts'
import { parseRedisUrl } from '../../src/redis/index.ts'
import { harnessOver } from './harness.ts'

/** Keys of Redis that are there for one test. */
export interface RedisPlace extends AsyncDisposable {
  readonly url: string
  readonly prefix: string
  /** For a look behind the scenes. */
  readonly client: Redis
}

export async function redisPlace(): Promise<RedisPlace> {
  const server = (await engineUrl('redis'))!
  const prefix = `test-${randomUUID().slice(0, 8)}`
  const client = new Redis(server)
  return {
    url: `${server}?prefix=${prefix}`,
    prefix,
    client,
    async [Symbol.asyncDispose]() {
      for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1_000 }))
        if (keys.length > 0) await client.unlink(keys)
      client.disconnect()
    },
  }
}

/** Jobs in Redis, beside a database that knows nothing of them. */
export async function bullmqHarness(): Promise<JobsHarness> {
  const there = await redisPlace()
  const driver = await bullmqJobs(parseRedisUrl(there.url))
  return harnessOver(await openDatabase('sqlite::memory:'), there, driver)
}
