import type { WireMessage } from './driver.ts'

/** Milliseconds between two looks: as long as it has waited already, within these. */
const leastMs = 100
const mostMs = 10_000

/** A CloudEvents extension that never leaves the database. */
const since = 'portolanpostponed'

/**
 * Thrown by a handler of the library: what the message needs is not there yet. It comes again, apart from its key, until `patienceMs`
 * have passed since it was first postponed; then it is a dead letter, for `reason`.
 */
export class Postponed extends Error {
  readonly patienceMs: number
  readonly reason: string

  constructor(patienceMs: number, reason: string) {
    super(reason)
    this.patienceMs = patienceMs
    this.reason = reason
  }
}

/** How long a message has been postponed, when it comes again, and the attributes that say so the next time. */
export function postponement({ attributes }: WireMessage, now: number) {
  const first = Number(attributes[since] ?? now)
  const waitedMs = Math.max(0, now - first)
  return {
    waitedMs,
    delayMs: Math.min(mostMs, Math.max(leastMs, waitedMs)),
    attributes: { ...attributes, [since]: String(first) },
  }
}

/** As it came: when it is replayed, its patience begins anew. */
export function withoutPostponement(message: WireMessage): WireMessage {
  const { [since]: _, ...attributes } = message.attributes
  return { ...message, attributes }
}
