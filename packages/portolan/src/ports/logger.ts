export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/**
 * Structured fields; an `error` field is written with its code, stack and causes. Ids, counts and codes: never names, addresses, what
 * somebody wrote, or whole payloads. Fields that are secret or personal by name (`password`, `phone`, `email`, …) are redacted.
 */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Where an application and the library write what happened. Never throws, never blocks the caller.
 *
 * @example
 * logger.child({ orderId }).warn('The receipt is late.', { attempt, error })
 */
export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to everything it writes. */
  child(fields: LogFields): Logger
}
