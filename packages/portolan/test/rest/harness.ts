import type { LogFields, Logger, LogLevel } from 'portolan'
import { createRest, type Rest, type RestOptions } from 'portolan/rest'

export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields | undefined
}

/** A logger that remembers. */
export function memoryLogger(lines: LogLine[]): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields })
  }
  const logger: Logger = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  }
  return logger
}

export interface Running extends AsyncDisposable {
  readonly rest: Rest
  readonly lines: LogLine[]
  fetch(path: string, init?: RequestInit): Promise<Response>
  json(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }>
}

/** A server on a free port with what `declare` declares. */
export async function serve(
  declare: (rest: Rest) => void,
  options: Partial<RestOptions> = {},
): Promise<Running> {
  const lines: LogLine[] = []
  const rest = createRest({
    title: 'Test',
    version: '1.0.0',
    port: 0,
    logger: memoryLogger(lines),
    ...options,
  })
  declare(rest)
  await rest.start()
  const call = (path: string, init: RequestInit = {}) =>
    fetch(rest.url + path, { redirect: 'manual', ...init })
  return {
    rest,
    lines,
    fetch: call,
    async json(path, init) {
      const response = await call(path, init)
      const body = (await response.json()) as Record<string, unknown>
      return { status: response.status, headers: response.headers, body }
    },
    [Symbol.asyncDispose]: () => rest.stop(),
  }
}

export function jsonBody(value: unknown, method = 'POST'): RequestInit {
  return { method, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } }
}
