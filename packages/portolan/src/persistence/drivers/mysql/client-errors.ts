import {
  type ErrorCode,
  InfrastructureError,
  type InfrastructureErrorOptions,
} from '../../../ports/errors.ts'

/** The library's error for one that comes from `mysql2` or the network rather than from the server. */
export function clientError(error: unknown, text: string): InfrastructureError {
  const make = (code: ErrorCode, message: string, options: InfrastructureErrorOptions = {}) =>
    new InfrastructureError(code, message, { ...options, cause: error })
  const later = { retry: 'later' } as const
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return make(
        'unavailable',
        'The name of the database server cannot be resolved. Check the host in the URL.',
        later,
      )
    case 'ECONNREFUSED':
      return make(
        'unavailable',
        'The database server refuses connections. Check that it runs, and host and port in the URL.',
        later,
      )
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return make(
        'unavailable',
        'The database server does not answer. Check host and port in the URL, and the network.',
        later,
      )
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return make('unavailable', 'The server speaks no TLS. Set it up there, or leave out tls in the URL.')
    case 'HANDSHAKE_SSL_ERROR':
      return make(
        'unavailable',
        `The server's certificate is not trusted: ${text}. Give its authority as tls_ca, or correct the host.`,
      )
    case 'AUTH_SWITCH_PLUGIN_ERROR':
      return make('unauthenticated', `The server wants another kind of login: ${text}.`)
  }
  if (error instanceof Error && 'fatal' in error)
    return make('unavailable', `The connection to the server was lost: ${text}.`, later)
  return make('internal', `mysql2 failed: ${text}`)
}
