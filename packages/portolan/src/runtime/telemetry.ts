import {
  type Attributes,
  type Context,
  context,
  INVALID_TRACEID,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { InfrastructureError } from '../ports/errors.ts'

export type { Attributes, Span, Tracer } from '@opentelemetry/api'

export interface SpanDescription {
  /** Default `internal`. */
  readonly kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer'
  /** By semantic-convention names; never personal data or secrets. */
  readonly attributes?: Attributes
  /** The trace that it continues: what `traceHeaders` gave to a message or job. Default: the current one. */
  readonly parent?: TraceHeaders | undefined
}

/** The current trace, as text that travels with a message or job: W3C `traceparent`, `tracestate`, `baggage`. */
export type TraceHeaders = Readonly<Record<string, string>>

/** The tracer of a capability: `tracer('messaging')`. Finds the SDK whenever it is set up. */
export function tracer(capability: string): Tracer {
  return trace.getTracer(`portolan/${capability}`)
}

/**
 * Runs `work` in a span, which ends with it; what it throws marks the span and goes on. Without an OpenTelemetry SDK it costs a fifth
 * of a microsecond.
 *
 * @example
 * const spans = tracer('files')
 * await withSpan(spans, 'files.write', { attributes: { 'file.path': path } }, () => driver.write(path, source))
 */
export function withSpan<T>(
  spans: Tracer,
  name: string,
  { kind = 'internal', attributes, parent }: SpanDescription,
  work: (span: Span) => T | Promise<T>,
): Promise<T> {
  const from = parent ? propagation.extract(context.active(), parent) : context.active()
  const span = spans.startSpan(name, { kind: kinds[kind], ...(attributes && { attributes }) }, from)
  // Nobody records it, and it continues nothing: inside of it is as outside.
  if (!parent && span.spanContext().traceId === INVALID_TRACEID) return atOnce(work, span)
  return recorded(span, trace.setSpan(from, span), work)
}

/** As an async function would, in fewer steps. */
function atOnce<T>(work: (span: Span) => T | Promise<T>, span: Span): Promise<T> {
  try {
    return Promise.resolve(work(span))
  } catch (error) {
    return Promise.reject(error)
  }
}

async function recorded<T>(span: Span, inside: Context, work: (span: Span) => T | Promise<T>): Promise<T> {
  try {
    return await context.with(inside, work, undefined, span)
  } catch (error) {
    fail(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** The headers of the current trace; `undefined` when there is none. */
export function traceHeaders(): TraceHeaders | undefined {
  if (!trace.getActiveSpan()) return undefined
  const headers: Record<string, string> = {}
  propagation.inject(context.active(), headers)
  return Object.keys(headers).length > 0 ? headers : undefined
}

const kinds = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const

/** The message of a foreign error may hold anything, so only its kind is told. */
function fail(span: Span, error: unknown): void {
  const known = InfrastructureError.is(error)
  span.setAttribute('error.type', known ? error.code : error instanceof Error ? error.name : typeof error)
  span.setStatus({ code: SpanStatusCode.ERROR, ...(known && { message: error.message }) })
}
