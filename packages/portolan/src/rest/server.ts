import type { FastifyInstance } from 'fastify'
import { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Exchange } from './exchange.ts'
import { loadFastify } from './fastify.ts'
import { limitHook } from './limit.ts'
import { listenError } from './listen-error.ts'
import { refuseMalformed } from './malformed.ts'
import { notFound } from './not-found.ts'
import type { RestOptions } from './options.ts'
import type { Responder } from './respond.ts'
import { byteCount } from './size.ts'
import { requestTelemetry } from './telemetry.ts'

/** Fastify with the life that a service leads: started, draining, stopped. */
export interface Server {
  readonly native: FastifyInstance
  readonly url: string
  readonly started: boolean
  readonly draining: boolean
  start(): Promise<void>
  drain(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
  health(): Health
}

export function createServer(options: RestOptions, around: Surroundings, respond: Responder): Server {
  const { clock, ids } = around
  const { host = '127.0.0.1', port = 3000 } = options
  const drainDelayMs = milliseconds(options.drainDelay ?? 0, 'drainDelay')
  const telemetry = requestTelemetry(around)
  const open = new Set<Exchange>()
  // Request ids: a random part for this server and a count, far cheaper than a UUID for each.
  const origin = ids.next().slice(-12)
  let sequence = 0
  let url: string | undefined
  let started = false
  let draining = false
  let closing: Promise<void> | undefined

  const native = loadFastify()({
    logger: false,
    bodyLimit: byteCount(options.bodyLimit ?? '1mb', 'bodyLimit'),
    requestTimeout: milliseconds(options.requestTimeout ?? '30s', 'requestTimeout'),
    // What still arrives on an open connection while we drain is served, and the connection closed after it.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: request => givenId(request.headers['x-request-id']) ?? `${origin}-${(++sequence).toString(36)}`,
    frameworkErrors: (error, request, reply) => respond.fail(request, reply, error),
    clientErrorHandler: refuseMalformed,
    routerOptions: { maxParamLength: 1024 },
    trustProxy: options.trustedProxies ? [...options.trustedProxies] : false,
  })
  native.decorateRequest('exchange')
  // Every body arrives as bytes; what they mean is the route's affair, and raw routes want them untouched.
  native.removeAllContentTypeParsers()
  native.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  native.addHook('onRequest', (request, reply, done) => {
    const exchange = telemetry.begin(request, reply)
    request.exchange = exchange
    open.add(exchange)
    // One listener for every way that an exchange can end; Fastify's hooks do not see aborted ones.
    reply.raw.on('close', () => {
      open.delete(exchange)
      exchange.closed()
      telemetry.end(exchange, reply)
    })
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    done()
  })
  const { limit } = options
  if (limit) {
    const hook = limitHook(limit, respond)
    native.addHook('onRequest', (request, reply, done) => {
      if (request.routeOptions.url?.startsWith('/health/')) done()
      else hook(request, reply, done)
    })
  }
  native.setErrorHandler((error, request, reply) => respond.fail(request, reply, error))
  const refuse = notFound(native)
  native.setNotFoundHandler((request, reply) => respond.fail(request, reply, refuse(request)))

  function close(): Promise<void> {
    closing ??= native.close().then(() => {})
    return closing
  }

  return {
    native,
    get url() {
      if (url !== undefined) return url
      throw new InfrastructureError('invalid_argument', 'The server has no address yet: start it first.')
    },
    get started() {
      return started
    },
    get draining() {
      return draining
    },
    async start() {
      started = true
      try {
        await native.listen({ host, port })
      } catch (error) {
        throw listenError(error, host, port)
      }
      url = addressOf(native, host)
    },
    async drain(signal) {
      draining = true
      if (drainDelayMs > 0) await clock.sleep(drainDelayMs, signal).catch(() => {})
      for (const exchange of open) if (exchange.streaming) exchange.abort(new Error('The server drains.'))
      const cut = () => {
        for (const exchange of open) exchange.abort(new Error('The time to drain is up.'))
        native.server.closeAllConnections()
      }
      signal.addEventListener('abort', cut, { once: true })
      const closed = close()
      if (signal.aborted) cut()
      await closed
      signal.removeEventListener('abort', cut)
    },
    async stop() {
      draining = true
      const closed = close()
      for (const exchange of open) exchange.abort(new Error('The server stops.'))
      native.server.closeAllConnections()
      await closed
    },
    health() {
      if (draining) return { status: 'down', detail: 'draining' }
      return url === undefined ? { status: 'down', detail: 'not started' } : { status: 'up', detail: url }
    },
  }
}

/** A caller's own request id, when it is harmless in logs. */
function givenId(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value) ? value : undefined
}

function addressOf(native: FastifyInstance, host: string): string {
  const address = native.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const everywhere = host === '0.0.0.0' || host === '::'
  return `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`
}
