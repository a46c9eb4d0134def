import type { FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a state-changing request that another site made a browser send. Browsers say so in `Sec-Fetch-Site`; old ones
 * send `Origin`; what sends neither is no browser and carries no one's ambient credentials. The rules are those of Go's
 * `http.CrossOriginProtection`.
 */
export function requireSameOrigin(request: FastifyRequest): void {
  if (safeMethods.has(request.method)) return
  const site = request.headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return
  if (site === undefined) {
    const { origin } = request.headers
    if (origin === undefined) return
    if (URL.canParse(origin) && new URL(origin).host === request.headers.host) return
  }
  throw new HttpProblem(
    403,
    'cross_origin',
    'Another site sent this request. Open the page itself and try again.',
  )
}
