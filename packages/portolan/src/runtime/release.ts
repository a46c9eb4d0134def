import { InfrastructureError } from '../ports/errors.ts'
import type { Service } from '../ports/service.ts'
import type { Clock } from '../ports/time.ts'

/** A service that the application has to release. */
export interface Owned {
  readonly name: string
  readonly service: Service & Partial<AsyncDisposable & Disposable>
  /** Whether its `start` has resolved; only then it is drained. */
  started: boolean
}

export interface StopFailure {
  readonly service: string
  readonly phase: 'drain' | 'stop'
  readonly error: Error
}

/**
 * Drains all services, then stops all, each in reverse order. Never rejects, and never skips one: a service that hangs keeps the next
 * one waiting for half of the time that is left at most, and is a failure when it has not ended at the limit.
 */
export async function release(
  owned: readonly Owned[],
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<StopFailure[]> {
  const began = clock.monotonic()
  const reversed = owned.toReversed()

  const controller = new AbortController()
  const drainable = reversed.filter(({ started, service }) => started && service.drain)
  const drained = await inTurn(clock, 'drain', drainable, began + (timeoutMs * 2) / 3, ({ service }) =>
    service.drain!(controller.signal),
  )
  controller.abort(new InfrastructureError('deadline_exceeded', 'The time for draining is up.'))

  const stopped = await inTurn(clock, 'stop', reversed, began + timeoutMs, ({ service }) => stop(service))
  return [...drained, ...stopped]
}

function stop(service: Owned['service']): void | Promise<void> | PromiseLike<void> {
  if (service.stop) return service.stop()
  if (service[Symbol.asyncDispose]) return service[Symbol.asyncDispose]!()
  return service[Symbol.dispose]?.()
}

async function inTurn(
  clock: Clock,
  phase: StopFailure['phase'],
  entries: readonly Owned[],
  deadline: number,
  act: (entry: Owned) => void | PromiseLike<void>,
): Promise<StopFailure[]> {
  const failures: StopFailure[] = []
  const pending = new Set<string>()
  const running: Promise<void>[] = []
  const began = clock.monotonic()
  for (const entry of entries) {
    pending.add(entry.name)
    const ending = settle(entry)
    running.push(ending)
    await within(clock, ending, (deadline - clock.monotonic()) / 2)
  }
  await within(clock, Promise.all(running), deadline - clock.monotonic())
  for (const service of pending) {
    const error = new InfrastructureError(
      'deadline_exceeded',
      `it had not ended after ${Math.round(deadline - began)} ms`,
    )
    failures.push({ service, phase, error })
  }
  return failures

  async function settle(entry: Owned): Promise<void> {
    try {
      await act(entry)
    } catch (thrown) {
      failures.push({ service: entry.name, phase, error: asError(thrown) })
    }
    pending.delete(entry.name)
  }
}

/** Waits for `work`, for `limitMs` at most. Its sleep keeps the process alive, so that a service that hangs gets reported. */
async function within(clock: Clock, work: Promise<unknown>, limitMs: number): Promise<void> {
  const over = new AbortController()
  const limit = clock.sleep(Math.max(0, limitMs), over.signal).catch(() => {})
  await Promise.race([work, limit])
  over.abort()
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}
