import type { LogDriver } from '../driver.ts'
import { formatLine } from '../line.ts'
import { type AdjustableLogger, createLogger, type LoggerOptions } from '../logger.ts'

/** Lines through the global `console`, each by the method of its level: for browsers and tools. In Node, `debug` and `info` go to stdout. */
export function consoleDriver(): LogDriver {
  return {
    write: record =>
      console[record.level === 'trace' ? 'debug' : record.level](formatLine(record, false).trimEnd()),
  }
}

/** A logger over {@link consoleDriver}. */
export function consoleLogger(options?: LoggerOptions): AdjustableLogger {
  return createLogger(consoleDriver(), options)
}
