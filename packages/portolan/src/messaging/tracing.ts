import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { traceHeaders, tracer, withSpan } from '../runtime/telemetry.ts'
import type { WireMessage } from './driver.ts'

/** Spans under the names of OpenTelemetry's semantic conventions for messaging. */
export class Tracing {
  readonly #system: string
  readonly #tracer = tracer('messaging')

  constructor(system: string) {
    this.#system = system
  }

  /** Runs what goes on by itself later, so that it does not become a part of the caller's trace. */
  apart<T>(work: () => T): T {
    return context.with(ROOT_CONTEXT, work)
  }

  /** Gives a message the trace that it is published in. */
  inject(attributes: Record<string, string>): void {
    Object.assign(attributes, traceHeaders())
  }

  publish<T>(topic: string, work: () => Promise<T>): Promise<T> {
    const attributes = {
      'messaging.system': this.#system,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic,
    }
    return withSpan(this.#tracer, `send ${topic}`, { kind: 'producer', attributes }, work)
  }

  /** Continues the trace of the one who published. */
  process<T>(
    group: string,
    { id, topic, attributes: parent }: WireMessage,
    work: () => Promise<T>,
  ): Promise<T> {
    const attributes = {
      'messaging.system': this.#system,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.consumer.group.name': group,
      'messaging.message.id': id,
    }
    return withSpan(this.#tracer, `process ${topic}`, { kind: 'consumer', attributes, parent }, work)
  }

  /** What the relay hands to the broker in one go. */
  relay<T>(count: number, work: () => Promise<T>): Promise<T> {
    const attributes = {
      'messaging.system': this.#system,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.batch.message_count': count,
    }
    return withSpan(this.#tracer, 'send', { kind: 'client', attributes }, work)
  }
}
