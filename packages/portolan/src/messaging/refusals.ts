import type { OutboxEntry } from './outbox.ts'

/** Milliseconds until a message is offered again that the broker did not take; doubled each time. */
const firstPauseMs = 1_000
const longestPauseMs = 30_000

interface Refusal {
  readonly key: string | undefined
  pauseMs: number
  /** On the monotonic clock. */
  dueAt: number
  /** It may be sent. */
  offered: boolean
}

/**
 * What the broker did not take, though it takes others. It waits, and with it all that follows in its key, so that it overtakes nothing;
 * all others pass it.
 */
export class Refusals {
  readonly #refused = new Map<number, Refusal>()
  /** The first one of each key. */
  readonly #heads = new Map<string, number>()

  get size(): number {
    return this.#refused.size
  }

  add({ seq, message: { key } }: OutboxEntry, now: number): void {
    const head = key === undefined ? seq : (this.#heads.get(key) ?? seq)
    // What follows one of its key was not offered on its own account.
    if (head < seq) return
    const known = this.#refused.get(seq)
    const pauseMs = known ? Math.min(longestPauseMs, 2 * known.pauseMs) : firstPauseMs
    this.#refused.set(seq, { key, pauseMs, dueAt: now + pauseMs, offered: false })
    if (key !== undefined) this.#heads.set(key, seq)
  }

  /** It was taken, or is a dead letter. */
  remove({ seq, message: { key } }: OutboxEntry): void {
    if (this.#refused.delete(seq) && key !== undefined) this.#heads.delete(key)
  }

  mayBeSent({ seq, message: { key } }: OutboxEntry): boolean {
    const head = key === undefined ? seq : this.#heads.get(key)
    return head === undefined || (this.#refused.get(head)?.offered ?? true)
  }

  /** Those that are due are offered again. Only before a read from the first row on: what follows them in their keys must not come earlier. */
  offerDue(now: number): void {
    for (const refusal of this.#refused.values()) if (refusal.dueAt <= now) refusal.offered = true
  }

  /** Rows may be another's now. Only before a read from the first row on. */
  clear(): void {
    this.#refused.clear()
    this.#heads.clear()
  }
}
