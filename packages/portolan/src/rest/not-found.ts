import type { FastifyInstance, FastifyRequest } from 'fastify'
import { matchesPath, type PathPattern, pathPattern } from './path.ts'
import { HttpProblem } from './problem.ts'

/** Tells an address that does not exist (404) from one that knows other methods (405). */
export function notFound(native: FastifyInstance): (request: FastifyRequest) => HttpProblem {
  const routes = new Map<string, { readonly pattern: PathPattern; readonly methods: Set<string> }>()
  native.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: pathPattern(url), methods: new Set() }
    for (const name of [method].flat()) route.methods.add(name)
    routes.set(url, route)
  })
  return request => {
    const [path = ''] = request.url.split('?')
    const allowed = new Set<string>()
    for (const { pattern, methods } of routes.values()) {
      if (matchesPath(pattern, path)) for (const method of methods) allowed.add(method)
    }
    if (allowed.size === 0) return new HttpProblem(404, 'not_found', 'There is nothing at this address.')
    const allow = [...allowed].sort().join(', ')
    return new HttpProblem(405, 'method_not_allowed', `This address knows ${allow}.`, { allow })
  }
}
