import type { LogRecord } from '../driver.ts'
import { type AdjustableLogger, createLogger, type LoggerOptions } from '../logger.ts'

/** A logger for tests: keeps what a driver would write. */
export interface MemoryLogger extends AdjustableLogger {
  readonly records: readonly LogRecord[]
}

/**
 * Keeps records in memory. Default level: `trace`.
 *
 * @example
 * const logger = memoryLogger()
 * await run({ logger })
 * assert.deepEqual(logger.records.map(record => record.message), ['started'])
 */
export function memoryLogger(options: LoggerOptions = {}): MemoryLogger {
  const records: LogRecord[] = []
  const logger = createLogger({ write: record => void records.push(record) }, { level: 'trace', ...options })
  return Object.assign(logger, { records })
}
