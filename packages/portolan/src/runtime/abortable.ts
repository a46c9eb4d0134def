import { cancelled } from './clock.ts'
import { TransientSet } from './transient.ts'

/**
 * `work`, given up with `cancelled` as soon as `signal` aborts; how it ends then is nobody's. Unlike a race against a promise of the
 * signal, it leaves nothing behind on a signal that outlives it.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(cancelled(signal))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(
      value => {
        signal.removeEventListener('abort', onAbort)
        resolve(value)
      },
      error => {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      },
    )
  })
}

/**
 * `abortable` under a signal that lasts, for waits that are short and many: it is listened to once, as a listener for each wait costs more than
 * all else about it.
 */
export class Abortables {
  readonly signal: AbortSignal
  readonly #aborts = new TransientSet<() => void>()

  constructor(signal: AbortSignal) {
    this.signal = signal
    const abortAll = () => {
      for (const abort of this.#aborts) abort()
    }
    signal.addEventListener('abort', abortAll, { once: true })
  }

  abortable<T>(work: Promise<T>): Promise<T> {
    if (this.signal.aborted) return abortable(work, this.signal)
    return new Promise<T>((resolve, reject) => {
      const abort = () => reject(cancelled(this.signal))
      this.#aborts.add(abort)
      work.then(
        value => {
          this.#aborts.delete(abort)
          resolve(value)
        },
        error => {
          this.#aborts.delete(abort)
          reject(error)
        },
      )
    })
  }
}
