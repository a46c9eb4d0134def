import type { LogLevel } from '../ports/logger.ts'

/** What a driver writes: redacted, without cycles, and fit for JSON. */
export interface LogRecord {
  readonly level: LogLevel
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly message: string
  /** Never has `level`, `time` or `message`. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** What an engine must provide. The portable part has filtered, redacted and caught before. */
export interface LogDriver {
  /** Must not block. */
  write(record: LogRecord): void
  /** Writes what it still holds. */
  flush?(): void | Promise<void>
}
