import { test } from 'node:test'
import { limitsContract } from 'portolan/contracts'
import { casesOnEngines } from '../support/cases-on-engines.ts'
import { inMemory, onDatabase, onRedis } from './harness.ts'

const cases = await casesOnEngines(limitsContract, {
  capabilities: {
    memory: { shared: false, ownClock: false },
    file: { shared: true, ownClock: false },
    servers: { shared: true, ownClock: true },
  },
  memory: inMemory,
  database: onDatabase,
  redis: onRedis,
})

for (const { name, skip, run } of cases) test(name, { skip }, run)
