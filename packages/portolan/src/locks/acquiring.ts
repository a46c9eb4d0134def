import type { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { TransientSet } from '../runtime/transient.ts'
import type { Attempt, LockDriver } from './driver.ts'
import { HeldLock } from './held-lock.ts'
import type { Turn, Turns } from './turns.ts'
import type { Waiting } from './waiting.ts'

const leastPauseMs = 5

export interface AcquireRequest {
  readonly name: string
  readonly ttlMs: number
  readonly waitMs: number
  /** The longest pause between two looks. */
  readonly pauseMs: number
  /** The caller's; goes on to the lock. */
  readonly signal: AbortSignal | undefined
  readonly giveUp: GiveUp
}

/** Ends the waiting. */
export interface GiveUp {
  readonly signal: AbortSignal
  /** See `runtime/abortable.ts`. */
  abortable<T>(work: Promise<T>): Promise<T>
}

interface Parts {
  readonly driver: LockDriver
  readonly around: Surroundings
  readonly turns: Turns
  readonly waiting: Waiting
  readonly held: TransientSet<HeldLock>
  /** `undefined`: it is open. */
  open(): Promise<void> | undefined
  convert(error: unknown): InfrastructureError
}

/** Takes locks, waiting for them in turn. `settled` resolves when nothing is left to be tidied up. */
export function acquiring({ driver, around, turns, waiting, held, open, convert }: Parts) {
  const { clock, ids, random } = around
  const tidying = new Set<Promise<void>>()

  async function acquire(request: AcquireRequest): Promise<HeldLock | undefined> {
    const { name, waitMs, giveUp } = request
    const until = clock.monotonic() + waitMs
    const turn = turns.enter(name)
    try {
      if (!turn.come && !(await comes(turn, until, giveUp))) {
        turn.leave()
        return undefined
      }
      return await take(request, turn, until)
    } catch (error) {
      turn.leave()
      throw error
    }
  }

  async function comes(turn: Turn, until: number, giveUp: GiveUp): Promise<boolean> {
    const left = until - clock.monotonic()
    if (left <= 0) return false
    if (left === Infinity) await giveUp.abortable(turn.coming)
    else {
      const timeUp = new AbortController()
      try {
        await Promise.race([giveUp.abortable(turn.coming), clock.sleep(left, timeUp.signal).catch(() => {})])
      } finally {
        // With a reason: without one, an error is made with its stack.
        timeUp.abort('come')
      }
    }
    return turn.come
  }

  async function take(request: AcquireRequest, turn: Turn, until: number): Promise<HeldLock | undefined> {
    const { name, ttlMs, pauseMs: most, giveUp } = request
    const holder = ids.next()
    let pauseMs = leastPauseMs
    for (let waits = until > clock.monotonic(); ; ) {
      const sentAt = clock.monotonic()
      const look = () => driver.acquire(name, holder, ttlMs, waits ? 2 * most + 500 : 0)
      const opening = open()
      const sent = opening ? opening.then(look) : look()
      let attempt: Attempt | undefined
      let failure: InfrastructureError | undefined
      try {
        attempt = await giveUp.abortable(sent)
      } catch (error) {
        failure = convert(error)
      }
      if (attempt?.taken) {
        const holding = { ...request, holder, token: attempt.token, sentAt }
        const lock: HeldLock = new HeldLock(holding, driver, around, {
          passOn: turn.leave,
          ended: () => held.delete(lock),
        })
        held.add(lock)
        return lock
      }
      const now = clock.monotonic()
      if (giveUp.signal.aborted || now >= until || (failure && !passes(failure))) {
        // Nothing is left behind but an announcement, or a lock that was taken although the answer was lost or came too late.
        if (waits || failure) tidyUp(name, holder, sent)
        if (failure) throw failure
        turn.leave()
        return undefined
      }
      const freeInMs = attempt && attempt.freeInMs > 0 ? attempt.freeInMs : most
      // Apart from those that began to wait at the same moment.
      const pause = Math.min(pauseMs * (0.5 + random.next() / 2), freeInMs, until - now)
      pauseMs = Math.min(most, pauseMs * 2)
      try {
        await waiting.sleep(name, pause, giveUp.signal)
      } catch (error) {
        tidyUp(name, holder, sent)
        throw error
      }
      waits = true
    }
  }

  function tidyUp(name: string, holder: string, sent: Promise<unknown>): void {
    const tidied = sent
      .catch(() => {})
      .then(() => driver.release(name, holder))
      .catch(() => {
        // It runs out by itself.
      })
      .finally(() => tidying.delete(tidied))
    tidying.add(tidied)
  }

  return Object.assign(acquire, {
    async settled(): Promise<void> {
      await Promise.all(tidying)
    },
  })
}

/** Also where nobody knows whether it took effect: trying again with the same holder is safe. */
function passes({ code, retry }: InfrastructureError): boolean {
  return retry !== 'never' || code === 'unavailable'
}
