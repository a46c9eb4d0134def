import { createLimits, databaseLimits, type LimitService, openLimits } from 'portolan/limits'
import { openDatabase } from 'portolan/persistence'
import type { EngineName, Place } from '../place.ts'
import { ampleLimit, scarceLimit, type Taker, windowSeconds } from './cases.ts'

/** Ours, as the guide shows it. */
export async function portolan(engine: EngineName, { url, prefix }: Place): Promise<Taker> {
  await using stack = new AsyncDisposableStack()
  const limits = stack.use(await open())
  await limits.start()
  const options = { per: `${windowSeconds}s`, whenDown: 'refuse' } as const
  const ample = limits.limiter('ample', { ...options, limit: ampleLimit })
  const scarce = limits.limiter('scarce', { ...options, limit: scarceLimit })
  const owned = stack.move()
  return {
    ample: key => ample.take(key).then(isAllowed),
    scarce: key => scarce.take(key).then(isAllowed),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  async function open(): Promise<LimitService> {
    if (engine === 'memory') return openLimits(url)
    if (engine === 'redis') return openLimits(`${url}?prefix=${prefix}`)
    const database = stack.use(await openDatabase(engine === 'sqlite' ? `sqlite:${url}` : url))
    return createLimits({ driver: databaseLimits({ database }) })
  }
}

const isAllowed = ({ allowed }: { readonly allowed: boolean }): boolean => allowed
