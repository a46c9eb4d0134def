import type { Load } from '../ports/cache.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Clock } from '../ports/time.ts'
import type { Context } from './flight.ts'
import type { Stats } from './stats.ts'

/** Of one key, running at once: one, and one that was cancelled and goes on all the same. */
const mostRunning = 2

/** Runs loads, and keeps count of those that do not end. */
export class Loads {
  readonly #clock: Clock
  readonly #stats: Stats
  readonly #overdue = new Map<string, number>()

  constructor(clock: Clock, stats: Stats) {
    this.#clock = clock
    this.#stats = stats
  }

  /** What the load gives; `deadline_exceeded` at the hard timeout, at which it is cancelled. */
  run<T>(key: string, load: Load<T>, context: Context, hardMs: number): Promise<T> {
    if ((this.#overdue.get(key) ?? 0) >= mostRunning) return Promise.reject(stuck())
    this.#stats.loads++
    let given: T | Promise<T>
    try {
      given = load(context)
    } catch (error) {
      return Promise.reject(error)
    }
    if (!isThenable(given)) return Promise.resolve(given)
    const working = given
    return new Promise<T>((resolve, reject) => {
      let late = false
      const timer = this.#clock.timer(hardMs, () => {
        late = true
        this.#stats.timeouts++
        this.#overdue.set(key, (this.#overdue.get(key) ?? 0) + 1)
        const error = tooLate(hardMs)
        context.abort(error)
        reject(error)
      })
      const ended = () => {
        timer.cancel()
        if (late) this.#ended(key)
      }
      working.then(
        value => {
          ended()
          resolve(value)
        },
        error => {
          ended()
          reject(error)
        },
      )
    })
  }

  #ended(key: string): void {
    const left = this.#overdue.get(key)! - 1
    if (left > 0) this.#overdue.set(key, left)
    else this.#overdue.delete(key)
  }
}

function isThenable<T>(given: T | Promise<T>): given is Promise<T> {
  return typeof given === 'object' && given !== null && 'then' in given && typeof given.then === 'function'
}

const tooLate = (hardMs: number) =>
  new InfrastructureError(
    'deadline_exceeded',
    `The load did not end within ${hardMs} ms, and was cancelled.`,
    {
      retry: 'later',
    },
  )

const stuck = () =>
  new InfrastructureError(
    'unavailable',
    'Loads of this key were cancelled and have not ended. Let the load end when its signal aborts.',
    { retry: 'later' },
  )
