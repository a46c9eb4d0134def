import { setTimeout as pause } from 'node:timers/promises'
import { createLocks, databaseLocks, type LockService, openLocks } from 'portolan/locks'
import { openDatabase } from 'portolan/persistence'
import { type DatabaseName, engineUrl, freshDatabase, startProxy, type TcpProxy } from 'portolan-engines'

/** Locks behind a network that can be broken, and others that reach the engine directly. */
export interface Faulty extends AsyncDisposable {
  readonly proxy: TcpProxy
  readonly locks: LockService
  readonly direct: LockService
}

export async function faultyRedis(server?: string): Promise<Faulty> {
  const url = server ?? (await engineUrl('redis'))
  const { proxy, through } = await proxied(url)
  const locks = await openLocks(`${through}?prefix=portolan-test&command_timeout=300ms&connect_timeout=300ms`)
  const direct = await openLocks(`${url}?prefix=portolan-test`)
  return faulty(proxy, locks, direct, async () => {})
}

export async function faultyDatabase(engine: DatabaseName): Promise<Faulty> {
  const fresh = await freshDatabase(engine, { label: 'locks' })
  const { proxy, through } = await proxied(fresh.url)
  const database = await openDatabase(`${through}?pool_max=2`)
  const near = await openDatabase(`${fresh.url}?pool_max=2`)
  return faulty(
    proxy,
    createLocks({ driver: databaseLocks({ database }) }),
    createLocks({ driver: databaseLocks({ database: near }) }),
    async () => {
      await Promise.all([database.close(), near.close()])
      await fresh[Symbol.asyncDispose]()
    },
  )
}

async function faulty(
  proxy: TcpProxy,
  locks: LockService,
  direct: LockService,
  close: () => Promise<void>,
): Promise<Faulty> {
  await Promise.all([locks.start(), direct.start()])
  return {
    ...{ proxy, locks, direct },
    async [Symbol.asyncDispose]() {
      proxy.thaw()
      proxy.cut()
      await Promise.all([locks.stop(), direct.stop()])
      await close()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

async function proxied(url: string): Promise<{ proxy: TcpProxy; through: string }> {
  const target = new URL(url)
  const proxy = await startProxy({ host: target.hostname, port: Number(target.port) })
  target.port = String(proxy.port)
  return { proxy, through: target.href }
}

/** Waits for what will surely come; the test's own timeout is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5)
}
