import type { Place } from './place.ts'

/** What every handler does: tells that it has begun, and waits where the measurement wants it to. */
export type Handle = (n: number) => void | Promise<void>

/** How many handlers may run at the same time. */
export const concurrency = 50

/** What every job holds. */
export interface Order {
  readonly n: number
  readonly customer: string
}

export const order = (n: number): Order => ({ n, customer: 'somebody@example.com' })

/** A job queue, with producer and worker in this process. */
export interface Queue extends AsyncDisposable {
  enqueue(n: number): Promise<void>
  /** In the way of its own for many. */
  enqueueMany(numbers: readonly number[]): Promise<void>
  /** Begins to work. Until then, jobs wait. Resolves when it is ready. */
  work(): Promise<void>
  /** How many jobs wait or run. */
  left(): Promise<number>
}

/** Opens a queue in a place of its own. */
export type Open = (place: Place, handle: Handle) => Promise<Queue>
