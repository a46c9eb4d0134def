import { test } from 'node:test'
import { casesFor, type PersistenceHarness, persistenceContract } from 'portolan/contracts'
import { type DatabaseName, skipWithout } from 'portolan-engines'
import { inMemory, onFile, onServer } from './harness.ts'

const servers: readonly DatabaseName[] = ['postgres', 'mysql']

await holds('sqlite file', onFile)
await holds('sqlite in memory', inMemory)
for (const server of servers) {
  const skip = await skipWithout(server)
  if (skip) test(`${server}: persistence`, { skip }, () => {})
  else await holds(server, () => onServer(server))
}

async function holds(name: string, open: () => Promise<PersistenceHarness>): Promise<void> {
  await using sample = await open()
  for (const item of casesFor(persistenceContract, sample.database.capabilities, open)) {
    test(`${name}: ${item.name}`, () => item.run())
  }
}
