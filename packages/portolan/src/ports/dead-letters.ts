/** Work that was given up after its last attempt, or that could not be understood. */
export interface DeadLetter {
  readonly id: string
  /** The type of the message or job. */
  readonly type: string
  /** The subscription's group, or the job's queue. */
  readonly consumer: string
  readonly payload: unknown
  /** The last error, in a line. */
  readonly reason: string
  /** The last error's stack; empty when there was none. */
  readonly stack: string
  readonly attempts: number
  readonly createdAt: Date
  readonly diedAt: Date
}

/** Where a person finds what failed for good, and sends it on its way again. */
export interface DeadLetters {
  /** Newest first, of all types or of one. Default 100. */
  list(options?: {
    readonly type?: string | undefined
    readonly limit?: number | undefined
  }): Promise<DeadLetter[]>
  count(): Promise<number>
  /**
   * Back to work with fresh attempts. Rejects with `not_found`, and with `conflict` for a job while another one with its unique key
   * waits or runs.
   */
  replay(id: string): Promise<void>
  /** All that can be, of all types or of one; resolves with their number. */
  replayAll(filter?: { readonly type?: string | undefined }): Promise<number>
  /** Deletes it for good. Rejects with `not_found`. */
  discard(id: string): Promise<void>
}
