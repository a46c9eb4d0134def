import { InfrastructureError } from '../ports/errors.ts'
import type { Clock, Timer } from '../ports/time.ts'

// Behind the name that all can see is a getter.
const { performance } = globalThis

/** The machine's clock: the one place of the library that touches the global timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(delayMs, callback): Timer {
    return longTimeout(delayMs, callback, handle => {
      // Browsers return a number here; Node returns an object that can let the process end.
      if (typeof handle === 'object') handle.unref()
    })
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled(signal))
      const onAbort = () => {
        timer.cancel()
        reject(cancelled(signal))
      }
      const timer = longTimeout(delayMs, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
}

/** Platforms take a longer delay for none. */
const longestMs = 2 ** 31 - 1

type Handle = ReturnType<typeof setTimeout>

function longTimeout(
  delayMs: number,
  callback: () => void,
  made: (handle: Handle) => void = () => {},
): Timer {
  let handle: Handle
  const wait = (leftMs: number) => {
    handle =
      leftMs > longestMs
        ? setTimeout(() => wait(leftMs - longestMs), longestMs)
        : setTimeout(callback, leftMs)
    made(handle)
  }
  wait(delayMs)
  return { cancel: () => clearTimeout(handle) }
}

/** The error of an operation that its caller gave up. */
export function cancelled(signal?: AbortSignal): InfrastructureError {
  return new InfrastructureError('cancelled', 'The caller cancelled the operation.', {
    cause: signal?.reason,
  })
}
