import { InfrastructureError } from '../../../ports/errors.ts'

/** What an error of the server carries. */
export interface ServerError extends Error {
  /** https://mariadb.com/kb/en/mariadb-error-code-reference/ */
  readonly errno: number
  readonly sqlState: string
  /** Of a duplicate, as `UniqueKeys` found them. */
  table?: string
  columns?: readonly string[]
}

export const deadlock = 1213
export const lockTimeout = 1205
/** MariaDB: another transaction changed what this one has read. */
export const changedSinceRead = 1020
export const interrupted = 1317
/** The server goes down; this connection was ended, by somebody or for doing nothing. */
export const lost = [1053, 1077, 1079, 1927, 3169, 4031]
/** Not in the binary protocol; too many are prepared; too many parameters. */
const unprepared = [1295, 1461, 1390]

export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'sqlState' in error && 'errno' in error && typeof error.errno === 'number'
}

/** Whether the connection is gone, rather than one statement refused. */
export function isLoss(error: unknown): boolean {
  if (InfrastructureError.is(error)) return false
  if (isServerError(error)) return lost.includes(error.errno)
  // So mysql2 marks what ends the connection.
  return error instanceof Error && 'fatal' in error && error.fatal === true
}

/** The whole transaction is to be done again, and can do no more. */
export function endsUnit(error: unknown): boolean {
  return isServerError(error) && [deadlock, lockTimeout, changedSinceRead].includes(error.errno)
}

export function isInterrupted(error: unknown): boolean {
  return isServerError(error) && error.errno === interrupted
}

export function isDuplicate(error: unknown): error is ServerError {
  return isServerError(error) && error.errno === 1062
}

export function cannotPrepare(error: unknown): boolean {
  return isServerError(error) && unprepared.includes(error.errno)
}
