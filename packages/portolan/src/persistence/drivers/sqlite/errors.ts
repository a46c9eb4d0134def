import {
  type ErrorCode,
  InfrastructureError,
  type InfrastructureErrorOptions,
} from '../../../ports/errors.ts'
import { databaseClosed } from '../../closed.ts'

// Primary result codes (https://sqlite.org/rescode.html); the low byte of an extended code.
const noRights = 3
const busy = 5
const locked = 6
const outOfMemory = 7
const readOnly = 8
const interrupted = 9
const ioError = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
/** Two processes open or recover the log at the same moment. */
const protocol = 15
const tooBig = 18
const constraint = 19
const mismatch = 20
const notADatabase = 26

// Extended result codes of constraints.
const check = 275
const foreignKey = 787
const notNull = 1299
const primaryKey = 1555
const unique = 2067
const rowid = 2579

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === busy
}

export function isIoError(error: unknown): boolean {
  return primaryCode(error) === ioError
}

/** The library's error for one of SQLite. */
export function classifySqlite(error: unknown): InfrastructureError {
  if (InfrastructureError.is(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  const make = (code: ErrorCode, message: string, options: InfrastructureErrorOptions = {}) =>
    new InfrastructureError(code, message, { ...options, cause: error })
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE')
    return databaseClosed(error)
  switch (primaryCode(error)) {
    case constraint:
      return violation(error, text)
    case busy:
    case locked:
    case protocol:
      return make('unavailable', `Another process or connection holds the database: ${text}.`, {
        retry: 'now',
      })
    case full:
      return make(
        'resource_exhausted',
        `There is no room for the change: ${text}. Free disk space, or raise max_page_count.`,
        {
          retry: 'later',
        },
      )
    case outOfMemory:
      return make('resource_exhausted', `SQLite got no memory: ${text}. Ask for less at a time.`, {
        retry: 'later',
      })
    case noRights:
      return make(
        'permission_denied',
        `The system refuses access to the database: ${text}. Check the rights.`,
      )
    case readOnly:
      return make(
        'precondition_failed',
        `The database cannot be written here: ${text}. Check the rights of file and folder, or leave out \`readOnly\`.`,
      )
    case interrupted:
      return make('cancelled', 'The statement was interrupted.')
    case ioError:
      return make('unavailable', `The disk failed: ${text}.`, { retry: 'later' })
    case cannotOpen:
      return make(
        'unavailable',
        `The database file cannot be opened: ${text}. Check that its folder exists and may be written.`,
        { retry: 'later' },
      )
    case corrupt:
    case notADatabase:
      return make('data_loss', `The database file is damaged or is none: ${text}. Restore a backup.`)
    case tooBig:
    case mismatch:
      return make('invalid_argument', `SQLite refused a value: ${text}.`)
    case undefined:
      break
    default:
      return make('invalid_argument', `SQLite refused the statement: ${text}.`)
  }
  if (error instanceof Error && 'code' in error) {
    if ('syscall' in error) return make('unavailable', `The folder of the database cannot be made: ${text}.`)
    if (error.code === 'ERR_INVALID_STATE')
      return make('unavailable', `The connection cannot be used: ${text}.`)
    if (error.code === 'ERR_INVALID_ARG_VALUE' || error.code === 'ERR_INVALID_ARG_TYPE') {
      return make('invalid_argument', text)
    }
  }
  return make('internal', `SQLite failed: ${text}`)
}

/** A transaction failed for all who shared it; a deferred constraint of one is enough. */
export function lostTogether(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'unavailable',
    'The transaction that this unit of work shared with others was lost. Run it again.',
    { cause, retry: 'now' },
  )
}

export function overtaken(): InfrastructureError {
  return new InfrastructureError(
    'unavailable',
    'Another process wrote while this unit of work was waiting for something. Run it again.',
    { retry: 'now' },
  )
}

export function lockTimeout(cause: unknown, timeoutMs: number): InfrastructureError {
  return new InfrastructureError(
    'unavailable',
    `Another process has been writing to the database for more than ${timeoutMs} ms. Try again later, or raise busy_timeout in its URL.`,
    { cause, retry: 'later' },
  )
}

export function heldTooLong(timeoutMs: number): InfrastructureError {
  return new InfrastructureError(
    'deadline_exceeded',
    `The unit of work kept others waiting for more than ${timeoutMs} ms and was rolled back. Do slow things before or after it, or raise transaction_timeout in the URL.`,
  )
}

export function notAwaited(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'The unit of work ended before a statement of it had begun. Await everything that is started inside of it.',
  )
}

export function unknownCommit(cause: unknown): InfrastructureError {
  return new InfrastructureError(
    'unavailable',
    'The disk failed during a commit, so it is unknown whether it took effect. Look before you repeat it.',
    { cause, details: { commit: 'unknown' } },
  )
}

function violation(error: unknown, text: string): InfrastructureError {
  const extended = errorCode(error)
  // As in `UNIQUE constraint failed: carts.customer, carts.status`; for a check, its name or its text.
  const subject = /failed: (.*)$/.exec(text)?.[1] ?? ''
  const columns = subject === '' ? [] : subject.split(', ').map(part => part.slice(part.lastIndexOf('.') + 1))
  const table = /^(.+)\.[^.]+$/.exec(subject.split(', ')[0]!)?.[1]
  const details = (kind: string, named: boolean) => ({
    kind,
    constraint: subject || kind,
    ...(named ? { table, columns } : { columns: [] }),
  })
  switch (extended) {
    case unique:
    case primaryKey:
    case rowid:
      return new InfrastructureError(
        'already_exists',
        `A row with the same ${columns.join(', ') || 'key'} exists.`,
        {
          cause: error,
          details: details('unique', !subject.startsWith('index ')),
        },
      )
    case notNull:
      return new InfrastructureError('precondition_failed', `${subject} must not be empty.`, {
        cause: error,
        details: details('not_null', true),
      })
    case check:
      return new InfrastructureError('precondition_failed', `The check '${subject}' refuses the row.`, {
        cause: error,
        details: details('check', false),
      })
    case foreignKey:
      return new InfrastructureError(
        'precondition_failed',
        'A foreign key refuses the change: the row refers to one that is missing, or is itself referred to.',
        { cause: error, details: details('foreign_key', false) },
      )
    default:
      return new InfrastructureError('precondition_failed', `A constraint refuses the change: ${text}.`, {
        cause: error,
        details: details('other', false),
      })
  }
}

function errorCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

function primaryCode(error: unknown): number | undefined {
  const code = errorCode(error)
  return code === undefined ? undefined : code & 0xff
}
