import { after, test } from 'node:test'
import { cacheContract, casesFor, contract } from 'portolan/contracts'
import { skipWithout } from 'portolan-engines'
import { withBusOf } from './harness.ts'

/** What a bus has a part in; the rest of the contract is run over Redis with its own. */
const told = contract(
  'cache',
  cacheContract.cases.filter(({ requires }) => requires !== undefined),
)

const noRedis = await skipWithout('redis')
const buses = [
  { name: 'PostgreSQL', engine: 'postgres', skip: noRedis || (await skipWithout('postgres')) },
  { name: 'MySQL or MariaDB', engine: 'mysql', skip: noRedis || (await skipWithout('mysql')) },
  { name: 'SQLite', engine: 'sqlite', skip: noRedis },
] as const

for (const { name, engine, skip } of buses) {
  if (skip) {
    test(`Redis, bus of ${name}: cache`, { skip })
    continue
  }
  const { open, close } = withBusOf(engine)
  after(close)
  for (const item of casesFor(told, { shared: true, faults: engine !== 'sqlite' }, open))
    test(`Redis, bus of ${name}: ${item.name}`, { timeout: 30_000 }, () => item.run())
}
