import type { Interceptor } from '../../ports/http-client.ts'
import type { StandingHeader } from '../credentials.ts'

/** Adds the headers of the client: the credential, the version. Last of all, and to its own origin alone. */
export function standingHeaders(origin: string, standing: readonly StandingHeader[]): Interceptor {
  return (request, next) => {
    if (request.url.origin !== origin) return next(request)
    const headers: Record<string, string> = { ...request.headers }
    for (const source of standing) headers[source.name] = source.value()
    return next({ ...request, headers })
  }
}
