import { InfrastructureError } from '../ports/errors.ts'
import { loadClient } from '../runtime/clients.ts'
import type { LogDriver } from './driver.ts'
import { consoleDriver } from './drivers/console.ts'
import { lineDriver, type TextDestination } from './drivers/line.ts'
import { pinoDriver } from './drivers/pino.ts'
import { type AdjustableLogger, createLogger, type LoggerOptions } from './logger.ts'

export interface OpenLoggerOptions extends LoggerOptions {
  /** Default: stderr. */
  readonly destination?: TextDestination
}

/**
 * Opens the logger that `url` names. `pino:` (the default) writes JSON lines through pino, which is loaded then, or lines for people when the
 * destination is a terminal; `pino:?format=json` and `pino:?format=line` decide it. `console:` writes through the global `console`.
 *
 * @throws InfrastructureError `invalid_argument` for a scheme or parameter that is unknown, `unavailable` when pino is needed and not
 * installed.
 *
 * @example
 * const logger = await openLogger('pino:', { level: config.logLevel, fields: { service: 'shop' }, redactor })
 */
export async function openLogger(url = 'pino:', options: OpenLoggerOptions = {}): Promise<AdjustableLogger> {
  return createLogger(await driverOf(url, options.destination), options)
}

async function driverOf(url: string, destination: TextDestination | undefined): Promise<LogDriver> {
  const [scheme, query = ''] = url.split('?')
  const parameters = [...new URLSearchParams(query).keys()]
  if (scheme === 'console:' && parameters.length === 0) return consoleDriver()
  if (scheme === 'pino:' && parameters.every(name => name === 'format')) {
    const terminal = destination ?? process.stderr
    const format = new URLSearchParams(query).get('format') ?? (terminal.isTTY ? 'line' : 'json')
    if (format === 'line') return lineDriver(terminal)
    if (format === 'json') {
      const { pino } = await loadClient('pino', () => import('pino'))
      return pinoDriver({ pino, ...(destination && { destination }) })
    }
  }
  throw new InfrastructureError(
    'invalid_argument',
    `There is no logger '${url}'. Use pino:, pino:?format=json, pino:?format=line or console:.`,
  )
}
