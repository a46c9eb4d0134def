import {
  type ErrorCode,
  InfrastructureError,
  type InfrastructureErrorOptions,
} from '../../../ports/errors.ts'
import { clientError } from './client-errors.ts'
import { constraintError } from './constraint-errors.ts'
import {
  changedSinceRead,
  deadlock,
  interrupted,
  isServerError,
  lockTimeout,
  lost,
  type ServerError,
} from './server-error.ts'

type Make = (code: ErrorCode, message: string, options?: InfrastructureErrorOptions) => InfrastructureError

/** The library's error for one of MySQL or MariaDB. Values, which their messages repeat, stay in the cause. */
export function classifyMysql(error: unknown): InfrastructureError {
  if (InfrastructureError.is(error)) return error
  const text = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
  const make: Make = (code, message, options = {}) =>
    new InfrastructureError(code, message, { ...options, cause: error })
  if (!isServerError(error)) return clientError(error, text)
  return constraintError(error, text) ?? valueError(error, text, make) ?? serverError(error, text, make)
}

/** A value that its column cannot take. */
function valueError({ errno }: ServerError, text: string, make: Make): InfrastructureError | undefined {
  const fault = faults[errno]
  if (fault === undefined) return undefined
  // As in `for column 'name'` or, of MariaDB, `for column `shop`.`products`.`name``.
  const [, table, column] = /column (?:`[^`]*`\.`([^`]*)`\.)?[`']([^`']+)[`']/.exec(text) ?? []
  return make(
    'invalid_argument',
    `The value for ${column ? `the column '${column}'` : 'a column'} ${fault}.`,
    {
      details: column ? { ...(table && { table }), column } : {},
    },
  )
}

const faults: Readonly<Record<number, string>> = {
  1264: 'is out of its range',
  1265: 'is none that it can hold',
  1292: 'is none that it can hold',
  1366: 'is none that it can hold',
  1367: 'is none that it can hold',
  1406: 'is too long',
  1411: 'is none that it can hold',
  1690: 'is out of its range',
  3140: 'is no valid JSON',
  3156: 'is none that it can hold',
}

function serverError(error: ServerError, text: string, make: Make): InfrastructureError {
  const { errno, sqlState } = error
  const later = { retry: 'later' } as const
  switch (errno) {
    case deadlock:
    case changedSinceRead:
      return make('unavailable', 'The transaction collided with another one.', { retry: 'now' })
    case lockTimeout:
      return make(
        'unavailable',
        'Another transaction has kept a lock for longer than lock_timeout allows. Try again later, or raise it in the URL.',
        { retry: 'now' },
      )
    case 3572: // NOWAIT
      return make('unavailable', 'Another transaction holds a lock on the row.', { retry: 'later' })
    case 1969:
    case 3024:
      return ranTooLong(error)
    case interrupted:
      return make('cancelled', 'The statement was interrupted.')
    case 1045:
    case 1698:
    case 1251:
    case 1862:
      return make('unauthenticated', `The server refuses the login: ${text}. Check user and password.`)
    case 3159:
      return make(
        'unauthenticated',
        `The server wants an encrypted connection: ${text}. Write tls=verify into the URL.`,
      )
    case 1049:
      return make('not_found', `The server has no such database: ${text}. Create it, or correct the URL.`)
    case 1044:
    case 1142:
    case 1143:
    case 1227:
    case 1370:
      return make('permission_denied', `The user of the database lacks a right: ${text}.`)
    case 1040:
    case 1203:
    case 1226:
      return make(
        'resource_exhausted',
        `The server takes no more connections: ${text}. Lower pool_max, or raise max_connections.`,
        later,
      )
    case 1021:
    case 1041:
    case 1037:
    case 1114:
    case 1206:
      return make('resource_exhausted', `The server is out of something: ${text}.`, later)
    case 1153:
      return tooLarge(error)
    case 1290:
    case 1792:
    case 1836:
      return make('precondition_failed', `The database is read-only here: ${text}.`)
    case 1034:
    case 1035:
    case 1712:
    case 1877:
      return make('data_loss', `The server found damage: ${text}.`)
    case 1235:
    case 1289:
      return make('unsupported', `The server cannot do this: ${text}.`)
  }
  if (lost.includes(errno) || sqlState.startsWith('08'))
    return make('unavailable', `The server went away: ${text}.`, later)
  if (/^(?:42|22|21|HY|0A|01|XA)/.test(sqlState) && errno !== 1105)
    return make('invalid_argument', `The server refused the statement: ${text}.`)
  return make('internal', `The server failed: ${text}`)
}

export function ranTooLong(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'deadline_exceeded',
    'The statement ran for longer than statement_timeout allows and was ended. Make it faster, or raise it in the URL.',
    { cause },
  )
}

export function tooLarge(cause: unknown, detail = ''): InfrastructureError {
  return new InfrastructureError(
    'invalid_argument',
    `The values of the statement are larger than the server takes at once${detail}. Write less at a time, or raise max_allowed_packet there.`,
    { cause },
  )
}
