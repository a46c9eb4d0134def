import { test } from 'node:test'
import {
  type CacheContractCapabilities,
  type CacheHarness,
  cacheContract,
  casesFor,
} from 'portolan/contracts'
import { skipWithout } from 'portolan-engines'
import { alone, inMemory, onRedis } from './harness.ts'

interface Adapter {
  readonly name: string
  readonly skip: string | false
  readonly capabilities: CacheContractCapabilities
  open(): Promise<CacheHarness>
}

const noRedis = await skipWithout('redis')

const adapters: readonly Adapter[] = [
  { name: 'memory alone', skip: false, capabilities: { shared: false, faults: false }, open: alone },
  {
    name: 'memory over a store in memory',
    skip: false,
    capabilities: { shared: true, faults: false },
    open: inMemory,
  },
  { name: 'Redis', skip: noRedis, capabilities: { shared: true, faults: true }, open: onRedis },
]

for (const { name, skip, capabilities, open } of adapters) {
  if (skip) test(`${name}: cache`, { skip })
  else
    for (const item of casesFor(cacheContract, capabilities, open))
      test(`${name}: ${item.name}`, { timeout: 30_000 }, () => item.run())
}
