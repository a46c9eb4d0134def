import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts'
import type { PastAttempt } from './history.ts'

/** A message that was given up. */
export interface MessageLetter extends DeadLetter {
  /**
   * Every attempt that failed, those before its replays included, oldest first. Of more than 30 the oldest are forgotten, and those that
   * ended as a dead letter last.
   */
  readonly history: readonly PastAttempt[]
}

/** Which letters; all of them where it names nothing. */
export interface LetterFilter {
  readonly type?: string | undefined
  /** As a letter shows it: the group, or `outbox` for what the broker refused. */
  readonly consumer?: string | undefined
  readonly diedBefore?: Date | undefined
  readonly diedAfter?: Date | undefined
}

export interface BulkOptions {
  /** Called after each batch, with how many are done, and how many there were at the beginning. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Where a person finds the messages that were given up. */
export interface MessageLetters extends DeadLetters {
  /** Newest first. Default 100. */
  list(options?: LetterFilter & { readonly limit?: number | undefined }): Promise<MessageLetter[]>
  /** Rejects with `not_found`. */
  get(id: string): Promise<MessageLetter>
  count(filter?: LetterFilter): Promise<number>
  /** Those of now, the oldest first, in batches with a commit each; resolves with their number. */
  replayAll(filter?: LetterFilter, options?: BulkOptions): Promise<number>
  /** Deletes those of now for good, in batches with a commit each; resolves with their number. */
  discardAll(filter?: LetterFilter, options?: BulkOptions): Promise<number>
}
