import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'

const types: Readonly<Record<string, string>> = {
  'base.css': 'text/css; charset=utf-8',
  'chat.css': 'text/css; charset=utf-8',
  'api.js': 'text/javascript; charset=utf-8',
  'chat.js': 'text/javascript; charset=utf-8',
  'cart.js': 'text/javascript; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'faults.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

/** The files of the pages: a fixed list, so that no path can lead anywhere else. */
export function addAssets(server: FastifyInstance): void {
  server.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const { name } = request.params
    const type = Object.hasOwn(types, name) ? types[name] : undefined
    if (type === undefined) return reply.code(404).send({ error: 'not_found' })
    return reply
      .type(type)
      .header('cache-control', 'no-cache')
      .header('x-content-type-options', 'nosniff')
      .send(await readFile(new URL(`assets/${name}`, import.meta.url)))
  })
}
