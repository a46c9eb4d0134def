import { InfrastructureError } from '../ports/errors.ts'

/** Why a server could not listen, and what to do about it. */
export function listenError(cause: unknown, host: string, port: number): InfrastructureError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const details = { host, port }
  switch (code) {
    case 'EADDRINUSE':
      return new InfrastructureError(
        'unavailable',
        `Port ${port} on ${host} is in use by another process. Stop that one, or set another port (0 takes any free one).`,
        { cause, details, retry: 'later' },
      )
    case 'EACCES':
      return new InfrastructureError(
        'permission_denied',
        `The system does not let this process listen on port ${port}. Set a port from 1024 on.`,
        { cause, details },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new InfrastructureError(
        'invalid_argument',
        `'${host}' is no address of this machine. Set the host to 127.0.0.1, or to 0.0.0.0 for every interface.`,
        { cause, details },
      )
    default:
      return new InfrastructureError('internal', `The server could not listen on ${host}:${port}.`, {
        cause,
        details,
      })
  }
}
