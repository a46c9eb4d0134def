import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contract, casesFor } from 'portolan/contracts'
import { type DatabaseName, engineUrl, freshDatabase, type ServerName, skipWithout } from 'portolan-engines'
import { parseRedisUrl, type RedisAddress } from '../../src/redis/index.ts'

/** A database of its own. */
export interface Place {
  readonly url: string
  remove(): Promise<void>
}

/** How a capability is opened on each engine, and what it can do there. */
export interface OnEngines<Harness, Capabilities extends object> {
  readonly capabilities: Readonly<Record<'memory' | 'file' | 'servers', Capabilities>>
  memory(): Promise<Harness>
  database(place: Place): Promise<Harness>
  redis(address: RedisAddress): Promise<Harness>
}

/** As `test` takes it. */
export interface EngineCase {
  readonly name: string
  readonly skip: string | false
  run(): Promise<void>
}

/** Each case of the contract in memory, in a SQLite file, and on every server; one that is skipped stands for all of a server that is not here. */
export async function casesOnEngines<Harness extends AsyncDisposable, Capabilities extends object>(
  contract: Contract<Harness>,
  { capabilities, memory, database, redis }: OnEngines<Harness, Capabilities>,
): Promise<readonly EngineCase[]> {
  const { port } = contract
  const on = (name: string, can: Capabilities, open: () => Promise<Harness>): EngineCase[] =>
    casesFor(contract, can, open).map(item => ({
      name: `${name}: ${item.name}`,
      skip: false,
      run: () => item.run(),
    }))
  const onServer = async (name: string, engine: ServerName, open: () => Promise<Harness>) => {
    const skip = await skipWithout(engine)
    return skip ? [{ name: `${name}: ${port}`, skip, async run() {} }] : on(name, capabilities.servers, open)
  }
  return [
    ...on('memory', capabilities.memory, memory),
    ...on('SQLite file', capabilities.file, async () => database(await file(port))),
    ...(await onServer('PostgreSQL', 'postgres', async () => database(await server('postgres', port)))),
    ...(await onServer('MySQL or MariaDB', 'mysql', async () => database(await server('mysql', port)))),
    ...(await onServer('Redis', 'redis', async () => redis(await redisAddress()))),
  ]
}

async function file(label: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), `portolan-${label}-`))
  return {
    url: `sqlite:${join(folder, 'contract.db')}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function server(engine: DatabaseName, label: string): Promise<Place> {
  const fresh = await freshDatabase(engine, { label })
  return { url: `${fresh.url}?pool_max=4`, remove: async () => fresh[Symbol.asyncDispose]() }
}

async function redisAddress(): Promise<RedisAddress> {
  return parseRedisUrl(`${await engineUrl('redis')}?prefix=portolan-test`)
}
