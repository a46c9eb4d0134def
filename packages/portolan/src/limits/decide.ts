import type { RateLimit } from '../ports/limits.ts'
import type { Rule, State, Taken } from './driver.ts'

/** Milliseconds by which a bucket may be overdrawn: sums of fractions are not exact. */
export const slackMs = 0.01

export const unused: State = { a: 0, b: 0, c: 0, strikes: 0, strikeAt: 0 }

/** The one meaning of a rule. Drivers that decide in their engine word it in its language. */
export function decide(rule: Rule, state: State, now: number, cost: number): Taken {
  if (isBlocked(rule, state, now)) return { ...state, outcome: 'blocked', now }
  const next =
    rule.algorithm === 'token_bucket' ? pour(rule, state, now, cost) : slide(rule, state, now, cost)
  if (next.fits) return { ...state, ...next.state, outcome: 'allowed', now }
  return { ...state, ...next.state, ...strike(rule, state, now), outcome: 'refused', now }
}

function pour(rule: Rule, { a }: State, now: number, cost: number) {
  const { perUnitMs, sizeMs } = bucketOf(rule)
  // Never further ahead than an empty bucket, also when the clock was set back or the bucket became smaller.
  const full = Math.min(Math.max(a, now), now + sizeMs)
  const then = full + cost * perUnitMs
  const fits = then - now <= sizeMs + slackMs
  return { fits, state: { a: fits ? then : full } }
}

function slide({ limit, windowMs }: Rule, state: State, now: number, cost: number) {
  const start = Math.floor(now / windowMs) * windowMs
  // A window ahead: the clock was set back a little.
  const current = state.a === start || state.a === start + windowMs
  const a = current ? state.a : start
  const b = current ? state.b : state.a === start - windowMs ? state.c : 0
  const c = current ? state.c : 0
  const fits = before(b, a, now, windowMs) + c + cost <= limit + 1e-9
  return { fits, state: { a, b, c: fits ? c + cost : c } }
}

/** How much of the window before still counts: as if it had been taken evenly. */
function before(taken: number, start: number, now: number, windowMs: number): number {
  return (taken * (windowMs - Math.max(0, now - start))) / windowMs
}

function isBlocked({ blockAfter, blockMs }: Rule, { strikes, strikeAt }: State, now: number): boolean {
  return blockAfter > 0 && strikes >= blockAfter && strikeAt <= now && strikeAt + blockMs > now
}

function strike({ blockAfter, windowMs }: Rule, { strikes, strikeAt }: State, now: number) {
  if (blockAfter === 0) return {}
  const goesOn = strikeAt + windowMs > now && strikes < blockAfter
  return { strikes: goesOn ? strikes + 1 : 1, strikeAt: now }
}

export function bucketOf({ limit, windowMs, burst }: Rule): { perUnitMs: number; sizeMs: number } {
  const perUnitMs = windowMs / limit
  return { perUnitMs, sizeMs: burst * perUnitMs }
}

/** After how long the state of a key that is not asked for means nothing any more. */
export function forgetAfterMs(rule: Rule): number {
  const { algorithm, windowMs, blockAfter, blockMs } = rule
  const counted = algorithm === 'token_bucket' ? bucketOf(rule).sizeMs : 2 * windowMs
  return Math.ceil(Math.max(counted, blockAfter > 0 ? Math.max(windowMs, blockMs) : 0))
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
  const { perUnitMs, sizeMs } = bucketOf(rule)
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
