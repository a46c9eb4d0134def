/** Logging: one portable part over pino, the console, or memory. */
export type { LogDriver, LogRecord } from './driver.ts'
export { consoleDriver, consoleLogger } from './drivers/console.ts'
export { lineDriver, type TextDestination } from './drivers/line.ts'
export { type MemoryLogger, memoryLogger } from './drivers/memory.ts'
export { type Pino, type PinoDriver, pinoDriver, pinoLogger } from './drivers/pino.ts'
export { type AdjustableLogger, createLogger, type LoggerOptions } from './logger.ts'
export { type OpenLoggerOptions, openLogger } from './open-logger.ts'
export { sensitiveFields } from './sensitive-fields.ts'
