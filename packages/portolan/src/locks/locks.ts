import { InfrastructureError } from '../ports/errors.ts'
import type { Leadership, LeadOptions, Lock, LockOptions, Locks } from '../ports/locks.ts'
import type { Health, Service } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import { Abortables, abortable } from '../runtime/abortable.ts'
import { cancelled } from '../runtime/clock.ts'
import { milliseconds } from '../runtime/duration.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { tracer, withSpan } from '../runtime/telemetry.ts'
import { TransientSet } from '../runtime/transient.ts'
import { acquiring, type GiveUp } from './acquiring.ts'
import type { LockCapabilities, LockDriver } from './driver.ts'
import type { HeldLock } from './held-lock.ts'
import { Candidate } from './leadership.ts'
import { Turns } from './turns.ts'
import { Waiting } from './waiting.ts'

const leastTtlMs = 50
/** Looks for a lock that is held: at most so far apart. */
const mostPauseMs = 100

export interface LocksOptions extends Partial<Surroundings> {
  readonly driver: LockDriver
}

/** Locks with the life of a service. */
export interface LockService extends Locks, Required<Service>, AsyncDisposable {
  readonly capabilities: LockCapabilities
  start(): Promise<void>
  /** Gives up leading, waiting, and what is still held; then closes the engine. Idempotent. */
  stop(): Promise<void>
  health(): Promise<Health>
}

/** What is the same on every engine: waiting in turn, renewal, loss, elections, errors. */
export function createLocks({ driver, ...given }: LocksOptions): LockService {
  const around = surroundings(given)
  const { clock } = around
  const spans = tracer('locks')
  const attributes = { 'portolan.locks.driver': driver.name }
  const turns = new Turns()
  const waiting = new Waiting(clock)
  const held = new TransientSet<HeldLock>()
  const candidates = new Set<Candidate>()
  const closing = new AbortController()
  const untilClosing = new Abortables(closing.signal)
  const forget = driver.onFree(name => waiting.wake(name))
  const acquireLock = acquiring({ driver, around, turns, waiting, held, open, convert })
  let opened: Promise<void> | undefined
  let isOpen = false
  let closed: Promise<void> | undefined

  /** `undefined`: it is open. */
  function open(): Promise<void> | undefined {
    if (isOpen) return undefined
    opened ??= driver.open().then(
      () => {
        isOpen = true
      },
      error => {
        // So that a later call tries again, when the cause has been removed.
        opened = undefined
        throw error
      },
    )
    return opened
  }

  function convert(error: unknown): InfrastructureError {
    return InfrastructureError.is(error) ? error : driver.classify(error)
  }

  function acquire(
    name: string,
    { ttl = '30s', wait = '10s', signal }: LockOptions = {},
  ): Promise<Lock | undefined> {
    const request = {
      name,
      ttlMs: ttlOf(ttl),
      waitMs: milliseconds(wait, 'wait'),
      pauseMs: mostPauseMs,
      signal,
    }
    return withSpan(spans, 'locks.acquire', { kind: 'client', attributes }, () => attempt(request))
  }

  async function attempt(
    request: Omit<Parameters<typeof acquireLock>[0], 'giveUp'>,
  ): Promise<Lock | undefined> {
    const { name, signal } = request
    if (name === '') throw new InfrastructureError('invalid_argument', 'A lock needs a name.')
    if (signal?.aborted) throw cancelled(signal)
    if (closing.signal.aborted) throw isClosed()
    const giveUp = signal ? either(signal, closing.signal) : untilClosing
    try {
      return await acquireLock({ ...request, giveUp })
    } catch (error) {
      throw closing.signal.aborted && !signal?.aborted ? isClosed() : error
    }
  }

  async function withLock<T>(
    name: string,
    optionsOrWork: LockOptions | ((lock: Lock) => T | Promise<T>),
    given?: (lock: Lock) => T | Promise<T>,
  ): Promise<T> {
    const [options, work] =
      typeof optionsOrWork === 'function' ? [{}, optionsOrWork] : [optionsOrWork, given!]
    const lock = (await acquire(name, options)) as HeldLock | undefined
    if (!lock) throw notFree(name, options.wait ?? '10s')
    try {
      const result = await work(lock)
      lock.confirm()
      return result
    } finally {
      await lock.release()
    }
  }

  function lead(
    name: string,
    work: (lock: Lock) => void | Promise<void>,
    { ttl = '15s', pause = '1s' }: LeadOptions = {},
  ): Leadership {
    const ttlMs = ttlOf(ttl)
    const pauseMs = milliseconds(pause, 'pause')
    if (closing.signal.aborted) throw isClosed()
    const candidate = new Candidate(
      {
        ...{ name, pauseMs, work },
        async acquire(signal) {
          // A lead changes hands seldom, so it is looked for less often than a lock.
          const request = {
            name,
            ttlMs,
            waitMs: Infinity,
            pauseMs: Math.max(mostPauseMs, ttlMs / 10),
            signal,
          }
          return (await attempt(request))!
        },
      },
      around,
    )
    candidates.add(candidate)
    void candidate.ended.then(() => candidates.delete(candidate))
    return candidate
  }

  async function close(): Promise<void> {
    await Promise.all([...candidates].map(candidate => candidate.resign()))
    closing.abort()
    for (const lock of held) lock.lose('The locks were stopped.')
    await Promise.all([...held].map(lock => lock.release()))
    await acquireLock.settled()
    forget()
    await driver.close()
  }

  async function stop(): Promise<void> {
    closed ??= close()
    await closed
  }

  return {
    capabilities: driver.capabilities,
    acquire,
    with: withLock,
    lead,
    async start() {
      try {
        await open()
      } catch (error) {
        throw convert(error)
      }
    },
    /** Whoever leads stops in order, while what the work needs is still there. */
    async drain() {
      await Promise.all([...candidates].map(candidate => candidate.resign()))
    },
    stop,
    health: () => driver.health(),
    [Symbol.asyncDispose]: stop,
  }
}

function either(...signals: AbortSignal[]): GiveUp {
  const signal = AbortSignal.any(signals)
  return { signal, abortable: work => abortable(work, signal) }
}

function ttlOf(ttl: Duration): number {
  const ms = milliseconds(ttl, 'ttl')
  if (ms >= leastTtlMs) return ms
  throw new InfrastructureError(
    'invalid_argument',
    `ttl: give at least ${leastTtlMs}ms, or a lock is lost whenever the process is merely busy.`,
  )
}

function notFree(name: string, wait: Duration): InfrastructureError {
  return new InfrastructureError(
    'deadline_exceeded',
    `The lock '${name}' was held by others for all of the ${milliseconds(wait)} ms that were given to wait.`,
    { retry: 'later', details: { lock: name } },
  )
}

function isClosed(): InfrastructureError {
  return new InfrastructureError('unavailable', 'The locks are stopped.')
}
