import { context, propagation, type TextMapPropagator, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

/**
 * An OpenTelemetry SDK that keeps every span of this process in `exporter`, from `start` to `stop`.
 *
 * @example
 * const { exporter, start, stop } = spanRecorder()
 * before(start)
 * after(stop)
 */
export function spanRecorder(propagator: TextMapPropagator = new W3CTraceContextPropagator()) {
  const exporter = new InMemorySpanExporter()
  return {
    exporter,
    start() {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      propagation.setGlobalPropagator(propagator)
      trace.setGlobalTracerProvider(
        new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
      )
    },
    stop() {
      trace.disable()
      context.disable()
      propagation.disable()
    },
  }
}
