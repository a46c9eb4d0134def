import type { ServerResponse } from 'node:http'
import type { Context, Span } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** One request and its answer: what the adapter knows of it beside Fastify's own objects. */
export class Exchange {
  readonly request: FastifyRequest
  readonly startedAt: number
  readonly span: Span
  /** The telemetry context that the handler runs in; `undefined` when nothing records. */
  readonly context: Context | undefined
  /** Whether the answer has no end of its own, so that draining must end it. */
  streaming = false
  readonly #response: ServerResponse
  #controller: AbortController | undefined
  #aborted: Error | undefined

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    trace: { readonly startedAt: number; readonly span: Span; readonly context: Context | undefined },
  ) {
    this.request = request
    this.#response = reply.raw
    this.startedAt = trace.startedAt
    this.span = trace.span
    this.context = trace.context
  }

  get id(): string {
    return this.request.id
  }

  /**
   * Whether problems are shown as a page, for people, instead of `application/problem+json`: to a browser that asked for a page,
   * or for an address that does not exist.
   */
  get forPeople(): boolean {
    const { routeOptions, headers, is404 } = this.request
    return (routeOptions.config.page === true || is404) && headers.accept?.includes('text/html') === true
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** Aborts when the client left before the answer was complete, or the server stops. Made when first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted && !this.#controller.signal.aborted) this.#controller.abort(this.#aborted)
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#aborted ??= reason
    this.#controller?.abort(reason)
  }

  /** The connection is done with: called once, whatever the outcome. */
  closed(): void {
    if (!this.#response.writableFinished) this.abort(new Error('The client closed the connection.'))
  }
}
