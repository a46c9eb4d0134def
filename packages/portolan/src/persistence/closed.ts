import { InfrastructureError } from '../ports/errors.ts'

/** What still wanted something when the database was closed. */
export function databaseClosed(cause?: unknown): InfrastructureError {
  return new InfrastructureError('unavailable', 'The database was closed.', { cause })
}
