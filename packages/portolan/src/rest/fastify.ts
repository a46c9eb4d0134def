import { createRequire } from 'node:module'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { InfrastructureError } from '../ports/errors.ts'
import { clientVersions } from '../runtime/clients.ts'
import type { Exchange } from './exchange.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by Portolan's REST adapter. Absent where Fastify answers before any hook, as for a malformed address. */
    exchange: Exchange
  }
  interface FastifyContextConfig {
    /** Whether the route is a page for people. Set by Portolan's REST adapter. */
    page?: boolean
  }
}

/** Loads Fastify when it is first needed, so that the library does not depend on it. */
export function loadFastify(): (options: FastifyServerOptions) => FastifyInstance {
  try {
    // Synchronous, so that `createRest(…).native` can be used at once.
    return createRequire(import.meta.url)('fastify').fastify
  } catch (cause) {
    throw new InfrastructureError(
      'unavailable',
      `createRest needs Fastify. Run: npm install 'fastify@${clientVersions.fastify}'`,
      { cause, details: { client: 'fastify' } },
    )
  }
}
