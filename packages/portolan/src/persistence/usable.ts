import { InfrastructureError } from '../ports/errors.ts'
import { cancelled } from '../runtime/clock.ts'
import { readOnlyScope } from './refused-statements.ts'
import type { Scope } from './scope.ts'
import { endedScope } from './transactions.ts'

/** @throws InfrastructureError when nothing may run in the scope now, or what does not only read may not. */
export function requireUsable(scope: Scope, onlyReads: boolean): void {
  if (scope.ended) throw endedScope()
  if (scope.nested) {
    throw new InfrastructureError(
      'precondition_failed',
      'A nested unit of work is open; a statement of the surrounding one would share its fate. Await the nested one first.',
    )
  }
  if (scope.signal?.aborted) throw cancelled(scope.signal)
  if (scope.readOnly && !onlyReads) throw readOnlyScope()
}
