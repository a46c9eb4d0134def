import {
  context,
  isSpanContextValid,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { InfrastructureError } from '../../ports/errors.ts'
import type { HttpRequest, HttpResponse, Interceptor } from '../../ports/http-client.ts'
import { tracer } from '../../runtime/telemetry.ts'
import { redactUrl } from '../redaction.ts'

/**
 * A client span for each request on the wire, named as the HTTP semantic conventions say; its context travels in the headers.
 * Unlike the spans of other capabilities it has an answer to look at, and nothing to do when nobody traces.
 */
export function telemetry(): Interceptor {
  const spans = tracer('network')
  return (request, next) => {
    const span = spans.startSpan(request.method, { kind: SpanKind.CLIENT })
    return isSpanContextValid(span.spanContext()) ? traced(span, request, next) : next(request)
  }
}

async function traced(
  span: Span,
  request: HttpRequest,
  next: (request: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const { method, url } = request
  span.setAttributes({
    'http.request.method': method,
    'url.full': redactUrl(url),
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  })
  const headers: Record<string, string> = { ...request.headers }
  propagation.inject(trace.setSpan(context.active(), span), headers)
  try {
    const response = await next({ ...request, headers })
    span.setAttribute('http.response.status_code', response.status)
    if (response.status >= 400) fail(span, String(response.status))
    return response
  } catch (error) {
    fail(span, InfrastructureError.is(error) ? error.code : '_OTHER')
    throw error
  } finally {
    span.end()
  }
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}
