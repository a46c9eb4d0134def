import { test } from 'node:test'
import { casesFor, type LimitsHarness, limitsContract } from 'portolan/contracts'
import type { LimitCapabilities } from 'portolan/limits'
import { skipWithout } from 'portolan-engines'
import { inMemory, onFile, onRedis, onServer } from './harness.ts'

interface Adapter {
  readonly name: string
  readonly skip: string | false
  readonly capabilities: LimitCapabilities
  open(): Promise<LimitsHarness>
}

const onServers = { shared: true, ownClock: true }

const adapters: readonly Adapter[] = [
  { name: 'memory', skip: false, capabilities: { shared: false, ownClock: false }, open: inMemory },
  { name: 'SQLite file', skip: false, capabilities: { shared: true, ownClock: false }, open: onFile },
  {
    name: 'PostgreSQL',
    skip: await skipWithout('postgres'),
    capabilities: onServers,
    open: () => onServer('postgres'),
  },
  {
    name: 'MySQL or MariaDB',
    skip: await skipWithout('mysql'),
    capabilities: onServers,
    open: () => onServer('mysql'),
  },
  { name: 'Redis', skip: await skipWithout('redis'), capabilities: onServers, open: onRedis },
]

for (const { name, skip, capabilities, open } of adapters) {
  if (skip) test(`${name}: limits`, { skip })
  else
    for (const item of casesFor(limitsContract, capabilities, open))
      test(`${name}: ${item.name}`, () => item.run())
}
