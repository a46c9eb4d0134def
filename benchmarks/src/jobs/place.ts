import { skipUnlessInstalled, startServer } from 'portolan-engines'
import { openPlace as openDatabase } from '../messaging/places.ts'
import { Unavailable } from '../suite.ts'

export type EngineName = 'sqlite' | 'postgres' | 'mysql' | 'redis'

/** An empty database of a contender's own. */
export interface Place extends AsyncDisposable {
  readonly engine: EngineName
  readonly url: string
}

/** @throws Unavailable when there is no server. */
export async function openPlace(engine: EngineName): Promise<Place> {
  if (engine !== 'redis') return openDatabase(engine)
  const missing = skipUnlessInstalled('redis')
  if (missing) throw new Unavailable(missing)
  // As its documentation advises for what must not be lost: a crash of the server loses a second.
  const server = await startServer('redis', { args: ['--appendfsync', 'everysec'] })
  return { engine, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
