import type { Connection } from './driver.ts'

/** Takes what was kept for it, inside of the transaction that is about to commit. */
export type CommitSink<Item> = (items: readonly Item[]) => Promise<void>

/** What is to happen when the fate of a transaction, or of a savepoint in it, is known. */
export class Effects {
  readonly afterCommit: (() => void | Promise<void>)[] = []
  readonly afterRollback: (() => void)[] = []
  readonly #kept = new Map<CommitSink<never>, unknown[]>()

  /** Until `handOver`. Resolves with how much is kept for `sink` now. */
  keep<Item>(sink: CommitSink<Item>, items: readonly Item[]): number {
    const kept = this.#kept.get(sink)
    if (kept) return kept.push(...items)
    this.#kept.set(sink, [...items])
    return items.length
  }

  /** Before the commit, inside of the transaction. */
  async handOver(): Promise<void> {
    // A sink may make that more is kept.
    for (const [sink, items] of this.#kept) {
      this.#kept.delete(sink)
      await sink(items as never[])
    }
  }

  /** Latest first, so that what was remembered twice ends at its first value. */
  undo(): void {
    for (let i = this.afterRollback.length - 1; i >= 0; i--) this.afterRollback[i]!()
  }

  /** A savepoint that was released shares the fate of what surrounds it. */
  mergeInto(outer: Effects): void {
    outer.afterCommit.push(...this.afterCommit)
    outer.afterRollback.push(...this.afterRollback)
    for (const [sink, items] of this.#kept) outer.keep(sink, items as never[])
  }
}

/** A transaction, or a part of one, as the asynchronous context carries it. */
export class Scope {
  readonly connection: Connection
  readonly effects: Effects
  readonly readOnly: boolean
  readonly signal: AbortSignal | undefined
  /** 0 for the transaction, 1 and up for the savepoints in it. */
  readonly depth: number
  /** Nothing may run in it any more: it was committed, rolled back or given up. */
  ended = false
  /** The savepoint that is open in it. */
  nested: { readonly done: Promise<void> } | undefined
  /** A command of it was answered: further ones are sent in the order in which they are given. */
  underway = false
  /** When what nobody waits for is answered. */
  sent: Promise<void> | undefined
  /** The first error among those answers. */
  sentFailure: { readonly cause: unknown } | undefined
  /** Why it must not commit, although its work may resolve. */
  failure: { readonly cause: unknown } | undefined

  constructor(
    connection: Connection,
    effects: Effects,
    readOnly: boolean,
    signal: AbortSignal | undefined,
    depth = 0,
  ) {
    this.connection = connection
    this.effects = effects
    this.readOnly = readOnly
    this.signal = signal
    this.depth = depth
  }

  /** Nobody waits for `answer`, but without it nothing is committed. */
  send(answer: Promise<unknown>, converted: (error: unknown) => unknown): void {
    const before = this.sent
    const answered = answer.then(
      () => {},
      error => {
        const cause = converted(error)
        this.sentFailure ??= { cause }
      },
    )
    this.sent = before ? before.then(() => answered) : answered
  }
}
