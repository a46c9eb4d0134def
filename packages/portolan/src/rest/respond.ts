import { context as telemetryContext } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { problemOf } from './problem.ts'
import { problemPage } from './problem-page.ts'
import type { Reply } from './reply.ts'
import { pagePolicy } from './security-headers.ts'
import { type EventSource, type EventsOptions, streamEvents } from './server-events.ts'

/** Puts answers and failures onto the wire. */
export interface Responder {
  /** Runs `work` in the request's telemetry context and sends what it yields, or the problem that it raises. */
  run(request: FastifyRequest, reply: FastifyReply, work: () => Reply | Promise<Reply>): void
  send(request: FastifyRequest, reply: FastifyReply, answer: Reply): void
  fail(request: FastifyRequest, reply: FastifyReply, error: unknown): void
}

export function responder(around: Surroundings, isDraining: () => boolean): Responder {
  function run(request: FastifyRequest, reply: FastifyReply, work: () => Reply | Promise<Reply>): void {
    const { context } = request.exchange
    if (context) telemetryContext.with(context, attempt, undefined, request, reply, work)
    else attempt(request, reply, work)
  }

  function attempt(request: FastifyRequest, reply: FastifyReply, work: () => Reply | Promise<Reply>): void {
    try {
      const answer = work()
      if (answer instanceof Promise) {
        answer.then(
          value => deliver(request, reply, value),
          error => fail(request, reply, error),
        )
      } else send(request, reply, answer)
    } catch (error) {
      fail(request, reply, error)
    }
  }

  function deliver(request: FastifyRequest, reply: FastifyReply, answer: Reply): void {
    try {
      send(request, reply, answer)
    } catch (error) {
      fail(request, reply, error)
    }
  }

  function send(request: FastifyRequest, reply: FastifyReply, answer: Reply): void {
    reply.code(answer.status)
    for (const name in answer.headers) reply.header(name, answer.headers[name])
    if (isDraining()) reply.header('connection', 'close')
    switch (answer.kind) {
      case 'empty':
        reply.send()
        return
      case 'json':
        if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json')
        reply.send(JSON.stringify(answer.body))
        return
      case 'bytes':
      case 'stream':
        reply.send(answer.body)
        return
      case 'events':
        sendEvents(request, reply, answer.body as { source: EventSource; options: EventsOptions })
    }
  }

  function sendEvents(
    request: FastifyRequest,
    reply: FastifyReply,
    { source, options }: { source: EventSource; options: EventsOptions },
  ): void {
    reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store')
    // Tells proxies such as nginx not to hold events back.
    reply.header('x-accel-buffering', 'no')
    // A stream never ends on its own, so its connection is of no further use.
    reply.header('connection', request.method === 'HEAD' || isDraining() ? 'close' : 'keep-alive')
    reply.hijack()
    reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>)
    if (request.method === 'HEAD' || isDraining()) {
      reply.raw.end()
      return
    }
    request.exchange.streaming = true
    streamEvents(reply.raw, request.exchange, source, options, around).catch(error => {
      if (InfrastructureError.is(error, 'cancelled')) return
      around.logger.error('An event stream failed; the browser will connect again.', {
        requestId: request.id,
        route: request.routeOptions.url,
        error,
      })
    })
  }

  function fail(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
    if (reply.sent) {
      around.logger.error('A request failed after its answer had begun.', { requestId: request.id, error })
      return
    }
    const { problem, headers } = problemOf(error, request.id)
    if (problem.status >= 500) {
      const fields = { requestId: request.id, method: request.method, route: request.routeOptions.url, error }
      around.logger.error(`A request failed with ${problem.status}.`, fields)
    }
    reply.code(problem.status)
    for (const name in headers) reply.header(name, headers[name])
    if (isDraining()) reply.header('connection', 'close')
    reply.header('cache-control', 'no-store').header('x-request-id', request.id)
    if (request.exchange?.forPeople) {
      reply.header('content-type', 'text/html; charset=utf-8')
      reply.header('content-security-policy', pagePolicy(undefined))
      reply.send(problemPage(problem))
    } else {
      reply.header('content-type', 'application/problem+json')
      reply.send(JSON.stringify(problem))
    }
  }

  return { run, send, fail }
}
