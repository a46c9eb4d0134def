import type { LogLevel } from '../../ports/logger.ts'
import type { LogDriver } from '../driver.ts'
import { type AdjustableLogger, createLogger, type LoggerOptions } from '../logger.ts'
import type { TextDestination } from './line.ts'

// Described structurally, so that pino's types are not needed where pino is not used, and any version that has these fits.
type PinoLogger = { readonly [Level in LogLevel]: (fields: object, message: string) => void }

interface BufferedDestination {
  write(text: string): unknown
  flushSync(): void
}

/** The `pino` function, as `import { pino } from 'pino'` gives it. */
export interface Pino {
  (options: object, destination: TextDestination | BufferedDestination): PinoLogger
  destination(options: { dest: number; sync: boolean }): BufferedDestination
}

export interface PinoDriver extends LogDriver {
  /** The pino logger that writes. */
  readonly native: PinoLogger
}

/**
 * JSON lines through pino, in this process: `{"level":"info","time":"2010-12-01T08:26:00.000Z", …, "message":"…"}`. Default destination: stderr, written without
 * blocking, and flushed when the process exits.
 */
export function pinoDriver(options: {
  readonly pino: Pino
  readonly destination?: TextDestination
}): PinoDriver {
  const { pino, destination } = options
  const buffered = destination ? undefined : pino.destination({ dest: 2, sync: false })
  const native = pino(
    {
      // The portable part has filtered, and gives the time.
      level: 'trace',
      timestamp: false,
      base: undefined,
      messageKey: 'message',
      formatters: { level: (level: string) => ({ level }) },
    },
    destination ?? buffered!,
  )
  return {
    native,
    write: ({ level, time, message, fields }) =>
      native[level]({ time: new Date(time).toISOString(), ...fields }, message),
    flush: () => buffered?.flushSync(),
  }
}

/** A logger over {@link pinoDriver}, with pino injected. */
export function pinoLogger(
  options: LoggerOptions & { readonly pino: Pino; readonly destination?: TextDestination },
): AdjustableLogger {
  return createLogger(pinoDriver(options), options)
}
