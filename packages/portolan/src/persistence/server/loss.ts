import { InfrastructureError } from '../../ports/errors.ts'

/** The connection went away while nothing was committed yet. */
export function lostBefore(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'unavailable',
    'The connection to the server was lost before the commit, so nothing is committed. Run it again.',
    { cause, retry: 'now' },
  )
}

/** The connection went away before the server said what became of a commit. */
export function unknownCommit(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'unavailable',
    'The connection to the server was lost during a commit, so it is unknown whether it took effect. Look before you repeat it.',
    { cause, details: { commit: 'unknown' } },
  )
}

/** The server ended a transaction in which nothing happened. */
export function idleTooLong(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'deadline_exceeded',
    'The unit of work did nothing for longer than idle_transaction_timeout allows and was rolled back. Do slow things before or after it.',
    { cause },
  )
}
