const most = 30
const longestReason = 500

/** What became of a message once: an attempt that failed, and whether it was then given up. */
export interface PastAttempt {
  readonly at: Date
  /** Counted from 1, anew after each replay. */
  readonly attempt: number
  /** In a line of at most 500 characters. */
  readonly reason: string
  /** The message was a dead letter from then on, until it was replayed. */
  readonly died: boolean
}

type Entry = readonly [at: number, attempt: number, reason: string, died?: 1]

/**
 * A history, as text, with one attempt more. It is bounded: of more than 30 attempts the oldest are forgotten, and those that ended as a
 * dead letter last.
 */
export function remember(history: string | undefined, { at, attempt, reason, died }: PastAttempt): string {
  const entries = entriesOf(history)
  const line = reason.length > longestReason ? `${reason.slice(0, longestReason - 1)}…` : reason
  const entry = [at.getTime(), attempt, line.toWellFormed().replaceAll('\0', '\uFFFD')] as const
  entries.push(died ? [...entry, 1] : entry)
  while (entries.length > most) {
    const first = entries.findIndex(([, , , dead]) => !dead)
    entries.splice(Math.max(0, first), 1)
  }
  return JSON.stringify(entries)
}

/** Oldest first. */
export function recall(history: string | undefined): PastAttempt[] {
  return entriesOf(history).map(([at, attempt, reason, died]) => ({
    at: new Date(at),
    attempt,
    reason,
    died: died === 1,
  }))
}

function entriesOf(history: string | undefined): Entry[] {
  return history === undefined ? [] : (JSON.parse(history) as Entry[])
}
