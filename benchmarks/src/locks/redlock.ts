import { Redis } from 'ioredis'
// @ts-expect-error Its package keeps its types from those who import it.
import Redlock from 'redlock'
import type { Place } from '../place.ts'
import type { Locker } from './cases.ts'

/** The part of it that is used here. */
interface Locks {
  acquire(resources: readonly string[], durationMs: number): Promise<{ release(): Promise<unknown> }>
}

/**
 * With one server, as ours has. Its default looks for a held lock every 200 ms; here every 5 ms, as its pause would be all that is measured. It goes on looking, as the
 * callers wait for as long as it takes.
 */
const settings = { retryCount: -1, retryDelay: 5, retryJitter: 5 }

export async function redlock({ url, prefix }: Place): Promise<Locker> {
  const redis = new Redis(url)
  const locks: Locks = new Redlock([redis], settings)
  return {
    async with(name, work) {
      const lock = await locks.acquire([`${prefix}:${name}`], 30_000)
      try {
        await work()
      } finally {
        await lock.release()
      }
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect()
    },
  }
}
