import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineUrl, findEngine, freshDatabase, skipWithout } from 'portolan-engines'
import { Unavailable } from './suite.ts'

/** Where a contender keeps its limits or locks: a place of its own. */
export interface Place extends AsyncDisposable {
  /** A URL; of SQLite, a path. */
  readonly url: string
  /** On an engine that is shared: begins its keys. */
  readonly prefix: string
}

export type EngineName = 'memory' | 'redis' | 'postgres' | 'mysql' | 'sqlite'

/** @throws Unavailable when there is no server. */
export async function openPlace(engine: EngineName): Promise<Place> {
  const prefix = `bench-${randomBytes(6).toString('hex')}`
  if (engine === 'memory') return { url: 'memory:', prefix, async [Symbol.asyncDispose]() {} }
  if (engine === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'))
    const remove = () => rm(folder, { recursive: true })
    return { url: join(folder, 'bench.db'), prefix, [Symbol.asyncDispose]: remove }
  }
  const missing = await skipWithout(engine)
  if (missing !== false) throw new Unavailable(missing)
  if (engine !== 'redis') return { ...(await freshDatabase(engine, { label: 'bench' })), prefix }
  const url = await engineUrl('redis')
  return { url, prefix, [Symbol.asyncDispose]: () => removeKeys(url, prefix) }
}

export async function versionsOfServers(engines: readonly EngineName[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = { 'SQLite of node:sqlite': process.versions.sqlite! }
  for (const engine of engines) {
    if (engine === 'memory' || engine === 'sqlite') continue
    const { at, version } = await findEngine(engine)
    if (at !== undefined && version !== undefined) versions[engine] = version
  }
  return versions
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url)
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 }))
    if (keys.length > 0) await redis.unlink(...keys)
  redis.disconnect()
}
