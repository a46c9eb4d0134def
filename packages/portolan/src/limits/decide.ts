import type { RateLimit } from '../ports/limits.ts'
import type { Rule, State, Taken } from './driver.ts'

/** Milliseconds by which a bucket may be overdrawn: sums of fractions are not exact. */
export const slackMs = 0.01

export const unused: State = { a: 0, b: 0, c: 0, strikes: 0, strikeAt: 0 }

/** The one meaning of a rule. Drivers that decide in their engine word it in its language. */
export function decide(rule: Rule, state: State, now: number, cost: number): Taken {
  if (isBlocked(rule, state, now)) {
    const { a, b, c, strikes, strikeAt } = state
    return { a, b, c, strikes, strikeAt, outcome: 'blocked', now }
  }
  return rule.algorithm === 'token_bucket' ? pour(rule, state, now, cost) : slide(rule, state, now, cost)
}

function pour(rule: Rule, state: State, now: number, cost: number): Taken {
  const { perUnitMs, sizeMs } = rule
  // Never further ahead than an empty bucket, also when the clock was set back or the bucket became smaller.
  const full = Math.min(Math.max(state.a, now), now + sizeMs)
  const then = full + cost * perUnitMs
  return then - now <= sizeMs + slackMs
    ? allowed(state, now, then, 0, 0)
    : refused(rule, state, now, full, 0, 0)
}

function slide(rule: Rule, state: State, now: number, cost: number): Taken {
  const { limit, windowMs } = rule
  const start = Math.floor(now / windowMs) * windowMs
  // A window ahead: the clock was set back a little.
  const current = state.a === start || state.a === start + windowMs
  const a = current ? state.a : start
  const b = current ? state.b : state.a === start - windowMs ? state.c : 0
  const c = current ? state.c : 0
  return before(b, a, now, windowMs) + c + cost <= limit + 1e-9
    ? allowed(state, now, a, b, c + cost)
    : refused(rule, state, now, a, b, c)
}

function allowed({ strikes, strikeAt }: State, now: number, a: number, b: number, c: number): Taken {
  return { a, b, c, strikes, strikeAt, outcome: 'allowed', now }
}

function refused(rule: Rule, state: State, now: number, a: number, b: number, c: number): Taken {
  const { blockAfter, windowMs } = rule
  const { strikes, strikeAt } = state
  if (blockAfter === 0) return { a, b, c, strikes, strikeAt, outcome: 'refused', now }
  const goesOn = strikeAt + windowMs > now && strikes < blockAfter
  return { a, b, c, strikes: goesOn ? strikes + 1 : 1, strikeAt: now, outcome: 'refused', now }
}

/** How much of the window before still counts: as if it had been taken evenly. */
function before(taken: number, start: number, now: number, windowMs: number): number {
  return (taken * (windowMs - Math.max(0, now - start))) / windowMs
}

function isBlocked({ blockAfter, blockMs }: Rule, { strikes, strikeAt }: State, now: number): boolean {
  return blockAfter > 0 && strikes >= blockAfter && strikeAt <= now && strikeAt + blockMs > now
}

/** What a step means to whoever asked. */
export function explain(rule: Rule, taken: Taken, cost: number): RateLimit {
  const { now, outcome, strikeAt } = taken
  const room =
    rule.algorithm === 'token_bucket' ? roomInBucket(rule, taken, cost) : roomInWindow(rule, taken, cost)
  const blocked = outcome === 'blocked' || (outcome === 'refused' && isBlocked(rule, taken, now))
  const blockedMs = blocked ? strikeAt + rule.blockMs - now : 0
  const allowed = outcome === 'allowed'
  return {
    allowed,
    limit: rule.burst,
    remaining: blocked ? 0 : Math.max(0, room.remaining),
    // At least one: who comes back at once would be refused again.
    retryAfterMs: allowed ? 0 : Math.max(1, Math.ceil(Math.max(room.waitMs, blockedMs))),
    resetMs: Math.max(0, Math.ceil(room.resetMs), blockedMs),
    blocked,
    counted: true,
  }
}

interface Room {
  readonly remaining: number
  /** Until `cost` fits. */
  readonly waitMs: number
  readonly resetMs: number
}

function roomInBucket(rule: Rule, { a, now }: Taken, cost: number): Room {
  const { perUnitMs, sizeMs } = rule
  const usedMs = Math.max(0, a - now)
  return {
    remaining: Math.floor((sizeMs - usedMs + slackMs) / perUnitMs),
    waitMs: usedMs + cost * perUnitMs - sizeMs,
    resetMs: usedMs,
  }
}

function roomInWindow({ limit, windowMs }: Rule, { a, b, c, now }: Taken, cost: number): Room {
  const left = windowMs - Math.max(0, now - a)
  const resetMs = c > 0 ? left + windowMs : b > 0 ? left : 0
  const remaining = Math.floor(limit - before(b, a, now, windowMs) - c + 1e-9)
  // Either what the window before still counts for has shrunk enough, or this one has become the one before.
  const waitMs =
    c + cost <= limit
      ? b === 0
        ? 0
        : left - (windowMs * (limit - c - cost)) / b
      : left + windowMs * (1 - (limit - cost) / c)
  return { remaining, waitMs, resetMs }
}
