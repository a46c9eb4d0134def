import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Surroundings } from '../runtime/surroundings.ts'
import { Exchange } from './exchange.ts'

/** Spans, the duration histogram and the access log of requests, with the names of the OpenTelemetry HTTP conventions. */
export interface RequestTelemetry {
  begin(request: FastifyRequest, reply: FastifyReply): Exchange
  end(exchange: Exchange, reply: FastifyReply): void
}

export function requestTelemetry({
  clock,
  logger,
}: Pick<Surroundings, 'clock' | 'logger'>): RequestTelemetry {
  const tracer = trace.getTracer('portolan/rest')
  const duration = metrics.getMeter('portolan/rest').createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Duration of HTTP server requests.',
  })
  return {
    begin(request, reply) {
      const startedAt = clock.monotonic()
      const route = request.routeOptions.url
      const parent = propagation.extract(context.active(), request.headers)
      const span = tracer.startSpan(
        route === undefined ? request.method : `${request.method} ${route}`,
        { kind: SpanKind.SERVER },
        parent,
      )
      if (!span.isRecording()) return new Exchange(request, reply, { startedAt, span, context: undefined })
      span.setAttribute('http.request.method', request.method)
      if (route !== undefined) span.setAttribute('http.route', route)
      span.setAttribute('url.scheme', request.protocol)
      // Never the query: it may hold tokens.
      span.setAttribute('url.path', pathOf(request))
      span.setAttribute('network.protocol.version', request.raw.httpVersion)
      return new Exchange(request, reply, { startedAt, span, context: trace.setSpan(parent, span) })
    },
    end(exchange, reply) {
      const { request, span } = exchange
      const status = reply.raw.statusCode
      const elapsedMs = clock.monotonic() - exchange.startedAt
      const route = request.routeOptions.url
      if (span.isRecording()) {
        span.setAttribute('http.response.status_code', status)
        if (status >= 500) {
          span.setAttribute('error.type', String(status))
          span.setStatus({ code: SpanStatusCode.ERROR })
        }
      }
      span.end()
      duration.record(elapsedMs / 1000, {
        'http.request.method': request.method,
        'http.response.status_code': status,
        'http.route': route ?? '',
      })
      logger.debug('request', {
        requestId: exchange.id,
        method: request.method,
        path: pathOf(request),
        route,
        status,
        durationMs: elapsedMs,
      })
    },
  }
}

function pathOf(request: FastifyRequest): string {
  const end = request.url.indexOf('?')
  return end < 0 ? request.url : request.url.slice(0, end)
}
