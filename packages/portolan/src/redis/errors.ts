import { type ErrorCode, InfrastructureError, type Retry } from '../ports/errors.ts'

/** What the first word of an answer means. */
const answers: Readonly<Record<string, readonly [ErrorCode, Retry, string]>> = {
  OOM: ['resource_exhausted', 'later', 'Its memory is full. Raise maxmemory, or let it evict.'],
  LOADING: ['unavailable', 'later', 'It is still loading its data.'],
  BUSY: ['unavailable', 'later', 'A script keeps it busy.'],
  READONLY: ['unavailable', 'later', 'It is a replica, and takes no writes.'],
  MASTERDOWN: ['unavailable', 'later', 'Its master is down.'],
  NOAUTH: ['unauthenticated', 'never', 'It wants a password.'],
  WRONGPASS: ['unauthenticated', 'never', 'It refuses the user or the password.'],
  NOPERM: ['permission_denied', 'never', 'The user may not run this command.'],
}

/** Whether Redis itself has said so. */
export function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** The library's error for one of the client; `what` begins its message, as in `The locks`. */
export function redisError(error: unknown, what: string): InfrastructureError {
  if (isAnswer(error)) {
    const [code, retry, message] = answers[error.message.split(' ', 1)[0]!] ?? [
      'internal',
      'never',
      'It refused the command.',
    ]
    // The client's error holds the command, here with the password.
    const cause = code === 'unauthenticated' ? undefined : error
    return new InfrastructureError(code, `${what} failed in Redis. ${message}`, { cause, retry })
  }
  return new InfrastructureError('unavailable', `${what} cannot be reached: Redis does not answer.`, {
    cause: error,
    retry: 'later',
  })
}
