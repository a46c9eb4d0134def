import type { Connection } from './driver.ts'

/** What is to happen when the fate of a transaction, or of a savepoint in it, is known. */
export class Effects {
  readonly afterCommit: (() => void | Promise<void>)[] = []
  readonly afterRollback: (() => void)[] = []

  /** Latest first, so that what was remembered twice ends at its first value. */
  undo(): void {
    for (let i = this.afterRollback.length - 1; i >= 0; i--) this.afterRollback[i]!()
  }

  /** A savepoint that was released shares the fate of what surrounds it. */
  mergeInto(outer: Effects): void {
    outer.afterCommit.push(...this.afterCommit)
    outer.afterRollback.push(...this.afterRollback)
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
  /** When the last command that nobody waits for is answered. */
  sent: Promise<void> | undefined
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
}
