import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase, skipWithout } from 'portolan-engines'
import { Unavailable } from '../suite.ts'

export type EngineName = 'sqlite' | 'postgres' | 'mysql'

/** An empty database of a contender's own. */
export interface Place extends AsyncDisposable {
  readonly engine: EngineName
  /** As `openDatabase` takes it. */
  readonly url: string
  /** Of SQLite. */
  readonly path: string
}

/** @throws Unavailable when there is no server. */
export async function openPlace(engine: EngineName): Promise<Place> {
  if (engine === 'sqlite') return openFolder()
  const missing = await skipWithout(engine)
  if (missing) throw new Unavailable(missing)
  const fresh = await freshDatabase(engine, { label: 'bench' })
  return { engine, url: fresh.url, path: '', [Symbol.asyncDispose]: () => fresh[Symbol.asyncDispose]() }
}

async function openFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-messaging-'))
  const path = join(folder, 'shop.db')
  return {
    ...{ engine: 'sqlite', path, url: `sqlite:${path}` },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
