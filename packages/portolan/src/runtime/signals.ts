import type { Logger } from '../ports/logger.ts'
import type { Clock, Duration } from '../ports/time.ts'
import { milliseconds } from './duration.ts'
import { surroundings } from './surroundings.ts'

const numbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const

export type StopSignal = keyof typeof numbers

export interface StopOnSignalsOptions {
  /** Default SIGINT and SIGTERM. */
  readonly signals?: readonly StopSignal[]
  /** `stop`: also when the parent process closes its IPC channel, as it does when it dies. Default `ignore`. */
  readonly parentDisconnect?: 'stop' | 'ignore'
  /**
   * A signal that follows the first one sooner than this is the same request: on Ctrl-C, a process under `npm` may get one from the terminal
   * and one from npm. Default 500 ms.
   */
  readonly sameRequest?: Duration
  readonly logger?: Logger
  readonly clock?: Clock
}

export interface SignalWatch extends Disposable {
  /** Resolves with the exit code once a signal has stopped the application. */
  readonly ended: Promise<number>
}

/**
 * Stops the application on the first signal, and sets the exit code: 0 after a clean stop, else 1. A second signal ends the process
 * at once, with 128 + its number. Whatever still keeps the process alive one second after the stop is cut off.
 * Disposing of the result removes the listeners.
 *
 * @example
 * const app = await shop.start()
 * stopOnSignals(app, { logger: app.services.logger })
 */
export function stopOnSignals(
  app: { readonly name: string; stop(): Promise<void> },
  options: StopOnSignalsOptions = {},
): SignalWatch {
  const { clock, logger } = surroundings(options)
  const sameRequestMs = milliseconds(options.sameRequest ?? '500ms', 'sameRequest')
  const { promise: ended, resolve } = Promise.withResolvers<number>()
  const signals = options.signals ?? ['SIGINT', 'SIGTERM']
  let firstAt: number | undefined

  const stop = async (reason: string) => {
    firstAt = clock.monotonic()
    logger.info(`${app.name}: stopping`, { reason })
    let code = 0
    try {
      await app.stop()
    } catch (error) {
      code = 1
      logger.error(`${app.name}: did not stop cleanly`, { error })
    }
    process.exitCode = code
    resolve(code)
    clock.timer(1_000, () => process.exit(code))
  }
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) void stop(signal)
    else if (clock.monotonic() - firstAt >= sameRequestMs) process.exit(128 + numbers[signal as StopSignal])
  }
  const onDisconnect = () => {
    if (firstAt === undefined) void stop('the parent process is gone')
  }

  for (const signal of signals) process.on(signal, onSignal)
  if (options.parentDisconnect === 'stop') {
    process.on('disconnect', onDisconnect)
    // `send` remains when the channel was closed before anyone listened.
    if (process.send && !process.connected) onDisconnect()
  }
  return {
    ended,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal)
      process.off('disconnect', onDisconnect)
    },
  }
}
