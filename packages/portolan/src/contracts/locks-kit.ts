import { createLocks, type LockDriver, type LockService } from '../locks/index.ts'
import type { Fence } from '../ports/locks.ts'
import type { Clock, Timer } from '../ports/time.ts'
import { systemClock } from '../runtime/clock.ts'
import { systemIds } from '../runtime/identity.ts'
import type { ContractCase } from './contract.ts'

export interface LocksHarness extends AsyncDisposable {
  /** A driver of one more process over the same engine; closed with the harness. */
  join(options?: { readonly clock?: Clock }): Promise<LockDriver>
  /** Something that refuses late writers, as `databaseFence` does. */
  readonly fence: Fence
}

export type LocksCase = ContractCase<LocksHarness>

/** Locks of one more process. */
export async function member(harness: LocksHarness, clock?: Clock): Promise<LockService> {
  const given = clock && { clock }
  return createLocks({ driver: await harness.join(given), ...given })
}

export function freshName(): string {
  return `contract/${systemIds.next()}`
}

/** A clock whose process can be stopped, as by a long collection of garbage or a debugger: no timer fires until it goes on. */
export function stoppable(): Clock & { stop(): void; goOn(): void } {
  let stopped = false
  const missed: (() => void)[] = []
  return {
    ...systemClock,
    timer(delayMs, callback): Timer {
      let cancelled = false
      const fire = () => {
        if (!cancelled) callback()
      }
      const timer = systemClock.timer(delayMs, () => (stopped ? missed.push(fire) : fire()))
      return {
        cancel() {
          cancelled = true
          timer.cancel()
        },
      }
    },
    stop() {
      stopped = true
    },
    goOn() {
      stopped = false
      for (const fire of missed.splice(0)) fire()
    },
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
