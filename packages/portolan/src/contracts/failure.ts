import assert from 'node:assert/strict'
import { InfrastructureError } from '../ports/errors.ts'

/** The error with which `work` rejects, which must be an `InfrastructureError`. */
export async function failure(work: Promise<unknown>): Promise<InfrastructureError> {
  const error = await work.then(
    () => assert.fail('It did not reject.'),
    (thrown: unknown) => thrown,
  )
  assert.ok(InfrastructureError.is(error), `not an InfrastructureError: ${String(error)}`)
  return error
}
