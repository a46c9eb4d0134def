import type { FastifyInstance } from 'fastify'
import { InfrastructureError } from '../ports/errors.ts'
import type { Schema } from '../ports/schema.ts'
import type { Health, Service } from '../ports/service.ts'
import { surroundings } from '../runtime/surroundings.ts'
import type { PageDefinition, RawDefinition, Responses, RouteDefinition } from './declarations.ts'
import { serveDocs } from './docs.ts'
import { type HealthReport, serveHealth } from './health.ts'
import type { RestOptions } from './options.ts'
import { type AnyPage, servePage } from './page.ts'
import { serveRaw } from './raw.ts'
import { responder } from './respond.ts'
import { type AnyRoute, type Operation, operationOf, serveOperation } from './route.ts'
import { createServer, type Server } from './server.ts'

/** An HTTP server: a documented API, webhooks and pages. Declare everything before `start`. */
export interface Rest extends Service, AsyncDisposable {
  route<
    const Path extends string,
    P extends Schema | undefined = undefined,
    Q extends Schema | undefined = undefined,
    H extends Schema | undefined = undefined,
    B extends Schema | undefined = undefined,
    R extends Responses | undefined = undefined,
  >(definition: RouteDefinition<Path, P, Q, H, B, R>): void
  raw<const Path extends string>(definition: RawDefinition<Path>): void
  page<
    const Path extends string,
    P extends Schema | undefined = undefined,
    Q extends Schema | undefined = undefined,
    B extends Schema | undefined = undefined,
  >(definition: PageDefinition<Path, P, Q, B>): void
  /**
   * Listens. Rejects with `unavailable` when the port is in use, and `permission_denied` when the system keeps it.
   */
  start(): Promise<void>
  /** Readiness off, then no new connections, then event streams end and requests in hand finish, until `signal` aborts. */
  drain(signal: AbortSignal): Promise<void>
  /** Idempotent; cuts off what is still open. */
  stop(): Promise<void>
  health(): Health
  /** As in `http://127.0.0.1:3000`. Throws before `start`. */
  readonly url: string
  /** For plugins, hooks and whatever Portolan does not cover. */
  readonly native: FastifyInstance
}

/**
 * A REST server over Fastify. Serves `/openapi.json`, `/docs` and `/health/{live,ready,startup}` beside what is declared.
 *
 * @example
 * const rest = createRest({ title: 'Shop', version: '1.0.0', port: 3000 })
 * rest.route({
 *   method: 'GET', path: '/orders/:id', version: 1, summary: 'One order',
 *   responses: { 200: Order },
 *   handler: async ({ params }) => orders.get(params.id),      // served at /v1/orders/:id
 * })
 * await rest.start()
 */
export function createRest(options: RestOptions): Rest {
  const around = surroundings(options)
  const operations: Operation[] = []
  const respond = responder(around, () => server.draining)
  const server: Server = createServer(options, around, respond)
  const { native } = server

  function declare(what: string, serve: () => void): void {
    if (server.started) {
      throw new InfrastructureError('invalid_argument', `${what}: declare it before the server starts.`)
    }
    try {
      serve()
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'FST_ERR_DUPLICATED_ROUTE'))
        throw cause
      throw new InfrastructureError('invalid_argument', `${what} is declared twice.`, { cause })
    }
  }

  async function report(): Promise<HealthReport> {
    return (await options.health?.()) ?? { status: 'up' }
  }

  return {
    route(definition) {
      declare(`${definition.method} /v${definition.version}${definition.path}`, () => {
        const operation = operationOf(definition as AnyRoute)
        serveOperation(native, operation, respond)
        operations.push(operation)
      })
    },
    raw(definition) {
      declare(`${definition.method} ${definition.path}`, () =>
        serveRaw(native, definition as RawDefinition<string>, respond),
      )
    },
    page(definition) {
      declare(`${definition.method} ${definition.path}`, () =>
        servePage(native, definition as AnyPage, respond, around),
      )
    },
    async start() {
      declare('The addresses of the server itself', () => {
        serveHealth(native, respond, { report, isDraining: () => server.draining })
        if (operations.length > 0) serveDocs(native, respond, options, operations, () => server.url)
      })
      await server.start()
      around.logger.info(`${options.title} listens on ${server.url}`)
    },
    drain: signal => server.drain(signal),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
    health: () => server.health(),
    get url() {
      return server.url
    },
    native,
  }
}
