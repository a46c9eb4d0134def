import { type ErrorCode, InfrastructureError } from '../../ports/errors.ts'

/** An error that names the column; `said` goes on from its name. */
export function fieldError(
  code: ErrorCode,
  table: string,
  column: string,
  said: string,
  cause?: unknown,
): InfrastructureError {
  return new InfrastructureError(code, `${table}.${column}${said}`, { details: { table, column }, cause })
}

/** The same for what a codec threw. */
export function codecError(
  code: ErrorCode,
  table: string,
  column: string,
  cause: unknown,
): InfrastructureError {
  const said = InfrastructureError.is(cause) ? cause.message : 'Its codec failed.'
  return fieldError(code, table, column, `: ${said}`, cause)
}
