import { createLocks, databaseLocks, type LockService, openLocks } from 'portolan/locks'
import { openDatabase } from 'portolan/persistence'
import type { EngineName, Place } from '../place.ts'
import type { Locker } from './cases.ts'

/** Ours, as the guide shows it. */
export async function portolan(engine: EngineName, { url, prefix }: Place): Promise<Locker> {
  await using stack = new AsyncDisposableStack()
  const locks = stack.use(await open())
  await locks.start()
  const owned = stack.move()
  return {
    with: (name, work) => locks.with(name, { ttl: '30s', wait: '60s' }, work),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  async function open(): Promise<LockService> {
    if (engine === 'memory') return openLocks(url)
    if (engine === 'redis') return openLocks(`${url}?prefix=${prefix}`)
    const database = stack.use(await openDatabase(engine === 'sqlite' ? `sqlite:${url}` : url))
    return createLocks({ driver: databaseLocks({ database }) })
  }
}
