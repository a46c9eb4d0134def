import { test } from 'node:test'
import { locksContract } from 'portolan/contracts'
import { casesOnEngines } from '../support/cases-on-engines.ts'
import { inMemory, onDatabase, onRedis } from './harness.ts'

const cases = await casesOnEngines(locksContract, {
  capabilities: {
    memory: { shared: false, ownClock: false, durable: false },
    file: { shared: true, ownClock: false, durable: true },
    servers: { shared: true, ownClock: true, durable: true },
  },
  memory: inMemory,
  database: onDatabase,
  redis: onRedis,
})

for (const { name, skip, run } of cases) test(name, { skip }, run)
