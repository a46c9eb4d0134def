import type { Clock, Timer } from 'portolan'
import { systemClock } from 'portolan/runtime'

/** The machine's clock, which a test can move forward. */
export interface MovableClock extends Clock {
  /** Milliseconds. Timers that are due by then go off at once, in their order. */
  advance(ms: number): void
  /** Moves to a moment, unless it has passed already. */
  advanceTo(moment: Date): void
}

interface Pending {
  readonly dueAt: number
  readonly callback: () => void
  real: Timer
}

export function movableClock(): MovableClock {
  const pending = new Set<Pending>()
  let offset = 0
  const monotonic = () => systemClock.monotonic() + offset

  function arm(entry: Pending): void {
    entry.real = systemClock.timer(Math.max(0, entry.dueAt - monotonic()), () => fire(entry))
  }

  function fire(entry: Pending): void {
    entry.real.cancel()
    if (pending.delete(entry)) entry.callback()
  }

  const clock: MovableClock = {
    now: () => systemClock.now() + offset,
    monotonic,
    timer(delayMs, callback) {
      const entry: Pending = { dueAt: monotonic() + delayMs, callback, real: { cancel() {} } }
      pending.add(entry)
      arm(entry)
      return {
        cancel() {
          pending.delete(entry)
          entry.real.cancel()
        },
      }
    },
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          timer.cancel()
          // The same error as the machine's clock.
          systemClock.sleep(0, signal).catch(reject)
        }
        const timer = clock.timer(delayMs, () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        })
        if (signal?.aborted) onAbort()
        else signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    advance(ms) {
      offset += ms
      const entries = [...pending].sort((a, b) => a.dueAt - b.dueAt)
      for (const entry of entries) {
        if (!pending.has(entry)) continue
        if (entry.dueAt <= monotonic()) fire(entry)
        else {
          entry.real.cancel()
          arm(entry)
        }
      }
    },
    advanceTo(moment) {
      clock.advance(Math.max(0, moment.getTime() - clock.now()))
    },
  }
  return clock
}
