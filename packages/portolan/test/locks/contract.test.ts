import { test } from 'node:test'
import { casesFor, type LocksHarness, locksContract } from 'portolan/contracts'
import type { LockCapabilities } from 'portolan/locks'
import { skipWithout } from 'portolan-engines'
import { inMemory, onFile, onRedis, onServer } from './harness.ts'

interface Adapter {
  readonly name: string
  readonly skip: string | false
  readonly capabilities: LockCapabilities
  open(): Promise<LocksHarness>
}

const onOneMachine = { ownClock: false }
const onServers = { shared: true, ownClock: true, durable: true }

const adapters: readonly Adapter[] = [
  {
    name: 'memory',
    skip: false,
    capabilities: { ...onOneMachine, shared: false, durable: false },
    open: inMemory,
  },
  {
    name: 'SQLite file',
    skip: false,
    capabilities: { ...onOneMachine, shared: true, durable: true },
    open: onFile,
  },
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
  if (skip) test(`${name}: locks`, { skip })
  else
    for (const item of casesFor(locksContract, capabilities, open))
      test(`${name}: ${item.name}`, () => item.run())
}
