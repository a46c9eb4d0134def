import type { Clock } from '../ports/time.ts'
import { systemClock } from '../runtime/clock.ts'

export interface HaltingClock extends Clock, Disposable {
  /** From now on none of its timers fires, as in a process that is stopped. */
  halt(): void
  /** What was due meanwhile fires now. Disposing does it, too: what goes by a clock that stands still cannot be stopped. */
  resume(): void
}

export function haltingClock(): HaltingClock {
  let halted: PromiseWithResolvers<void> | undefined
  const resume = () => halted?.resolve()
  return {
    ...systemClock,
    timer(delayMs, callback) {
      let cancelled = false
      const ring = () => {
        if (!cancelled) callback()
      }
      const timer = systemClock.timer(delayMs, () => (halted ? void halted.promise.then(ring) : ring()))
      return {
        cancel() {
          cancelled = true
          timer.cancel()
        },
      }
    },
    async sleep(delayMs, signal) {
      await systemClock.sleep(delayMs, signal)
      await halted?.promise
    },
    halt() {
      halted = Promise.withResolvers()
    },
    resume,
    [Symbol.dispose]: resume,
  }
}
