import { isSpanContextValid, trace } from '@opentelemetry/api'
import type { LogFields, Logger, LogLevel } from '../ports/logger.ts'
import type { Clock } from '../ports/time.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Redactor } from '../runtime/redactor.ts'
import { createRedactor } from '../runtime/redactor.ts'
import type { LogDriver } from './driver.ts'
import { createSanitizer, type Sanitizer } from './sanitizer.ts'
import { sensitiveField } from './sensitive-fields.ts'

export interface LoggerOptions {
  /** The lowest level that is written. Default `info`. */
  readonly level?: LogLevel | 'silent'
  /** In every record: `{ service: 'shop' }`. */
  readonly fields?: LogFields
  /** Knows the secrets; give the one that `loadConfig` filled. Without one, only the credentials of URLs are taken out of text. */
  readonly redactor?: Redactor
  /** More fields that are never written: words and paths as in {@link sensitiveField}. */
  readonly redact?: readonly string[]
  readonly clock?: Clock
}

/** A logger whose level can change while it runs, for itself and all of its children. */
export interface AdjustableLogger extends Logger, AsyncDisposable {
  level: LogLevel | 'silent'
  /** Resolves when everything has been handed to the system. */
  flush(): Promise<void>
}

/**
 * The portable part of logging: levels, bound fields, redaction by name and by value, the current trace (`trace_id`, `span_id`). Never throws; below
 * the level it costs a comparison.
 *
 * @example
 * const logger = createLogger(consoleDriver(), { level: 'debug', fields: { service: 'shop' } })
 * logger.child({ orderId }).error('payment declined', { error })
 */
export function createLogger(driver: LogDriver, options: LoggerOptions = {}): AdjustableLogger {
  const redactor = options.redactor ?? createRedactor()
  const sanitizer = createSanitizer({
    text: text => redactor.text(text),
    sensitive: sensitiveField(options.redact),
  })
  const clock = options.clock ?? systemClock
  const shared: Shared = { driver, sanitizer, clock, threshold: severity[options.level ?? 'info'] }
  return new RootLogger(shared, [options.fields ?? {}])
}

/** What a logger and its children have in common. */
interface Shared {
  readonly driver: LogDriver
  readonly sanitizer: Sanitizer
  readonly clock: Clock
  threshold: number
}

const severity = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const
const levels = Object.keys(severity) as (keyof typeof severity)[]

class BoundLogger implements Logger {
  protected readonly shared: Shared
  readonly #given: readonly LogFields[]
  #bound: Readonly<Record<string, unknown>> | undefined

  constructor(shared: Shared, given: readonly LogFields[]) {
    this.shared = shared
    this.#given = given
  }

  trace(message: string, fields?: LogFields): void {
    if (this.shared.threshold <= severity.trace) this.#write('trace', message, fields)
  }

  debug(message: string, fields?: LogFields): void {
    if (this.shared.threshold <= severity.debug) this.#write('debug', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    if (this.shared.threshold <= severity.info) this.#write('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    if (this.shared.threshold <= severity.warn) this.#write('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    if (this.shared.threshold <= severity.error) this.#write('error', message, fields)
  }

  child(fields: LogFields): Logger {
    return new BoundLogger(this.shared, [...this.#given, fields])
  }

  #write(level: LogLevel, message: string, fields: LogFields | undefined): void {
    const { driver, sanitizer, clock } = this.shared
    try {
      const all: Record<string, unknown> = { ...this.#boundFields(), ...currentSpan() }
      if (fields) sanitizer.fields(fields, all)
      driver.write({ level, time: clock.now(), message: sanitizer.text(String(message)), fields: all })
    } catch {
      // Whoever logs has something more important to do, and there is nowhere left to tell.
    }
  }

  /** Sanitized when the first record is written: most children of a hot path never write one. */
  #boundFields(): Readonly<Record<string, unknown>> {
    if (this.#bound) return this.#bound
    const bound: Record<string, unknown> = {}
    for (const fields of this.#given) this.shared.sanitizer.fields(fields, bound)
    this.#bound = bound
    return bound
  }
}

class RootLogger extends BoundLogger implements AdjustableLogger {
  get level(): LogLevel | 'silent' {
    return levels.find(level => severity[level] === this.shared.threshold)!
  }

  set level(level: LogLevel | 'silent') {
    // Without types, an unknown level would silence everything.
    if (Object.hasOwn(severity, level)) this.shared.threshold = severity[level]
  }

  async flush(): Promise<void> {
    await this.shared.driver.flush?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }
}

function currentSpan(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const context = trace.getActiveSpan()?.spanContext()
  return context && isSpanContextValid(context)
    ? { trace_id: context.traceId, span_id: context.spanId }
    : undefined
}
