import { InfrastructureError } from '../ports/errors.ts'
import type { Database } from './database.ts'

/**
 * For what must not be part of a unit of work of `database`; `why` is the message, and says what to do instead.
 *
 * @throws InfrastructureError `precondition_failed` inside of one.
 */
export function outsideOfUnits(database: Database, why: string): void {
  if (database.inTransaction()) throw new InfrastructureError('precondition_failed', why)
}
