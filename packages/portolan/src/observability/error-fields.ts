import { InfrastructureError } from '../ports/errors.ts'

/**
 * What is written of an error: name, code, retry, message, stack, details, causes. Other properties of a foreign error are left out, since drivers
 * put statements, parameters and rows there.
 */
export function errorFields(error: Error): Record<string, unknown> {
  const known = InfrastructureError.is(error)
  const code: unknown = 'code' in error ? error.code : undefined
  const fields: Record<string, unknown> = {
    name: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(known && { retry: error.retry }),
    ...(known && error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    message: error.message,
    stack: error.stack,
  }
  if (known && Object.keys(error.details).length > 0) fields.details = error.details
  if (error.cause !== undefined) fields.cause = error.cause
  if (error instanceof AggregateError) fields.errors = error.errors
  return fields
}
