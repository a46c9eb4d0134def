import {
  type ErrorCode,
  InfrastructureError,
  type InfrastructureErrorOptions,
} from '../../../ports/errors.ts'
import { idleTooLong } from '../../server/loss.ts'

/** What an error of the server carries (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
interface ServerError extends Error {
  /** SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
  readonly code: string
  readonly severity: string
  readonly detail?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

/** Codes of Node for certificates and handshakes that fail. */
const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

/** Whether the connection is gone, rather than one statement refused. */
export function isLoss(error: unknown): boolean {
  if (InfrastructureError.is(error)) return false
  if (!isServerError(error)) return true
  // 08: connection exceptions; 57P01 to 57P03: the server shuts down, crashed, or starts.
  return error.code.startsWith('08') || /^57P0[1-5]$/.test(error.code)
}

/** The schema has changed under a prepared statement. */
export function isStalePlan(error: unknown): boolean {
  return isServerError(error) && error.code === '0A000' && error.message.includes('cached plan')
}

/** The library's error for one of PostgreSQL. */
export function classifyPostgres(error: unknown): InfrastructureError {
  if (InfrastructureError.is(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  const make = (code: ErrorCode, message: string, options: InfrastructureErrorOptions = {}) =>
    new InfrastructureError(code, message, { ...options, cause: error })
  if (!isServerError(error)) return clientError(error, text, make)
  const later = { retry: 'later' } as const
  switch (error.code) {
    case '23505':
    case '23P01':
      return violation(
        error,
        'already_exists',
        `A row with the same ${columnsOf(error).join(', ') || 'key'} exists.`,
      )
    case '23502':
      return violation(error, 'precondition_failed', `${error.table}.${error.column} must not be empty.`)
    case '23514':
      return violation(error, 'precondition_failed', `The check '${error.constraint}' refuses the row.`)
    case '23503':
    case '23001':
      return violation(
        error,
        'precondition_failed',
        `The foreign key '${error.constraint}' refuses the change: the row refers to one that is missing, or is itself referred to.`,
      )
    case '40001':
    case '40P01':
      return make('unavailable', `The transaction collided with another one: ${text}.`, { retry: 'now' })
    case '55P03':
      return make(
        'unavailable',
        'Another transaction has kept a lock for longer than lock_timeout allows. Try again later, or raise it in the URL.',
        later,
      )
    case '57014':
      return /statement timeout/.test(text)
        ? make(
            'deadline_exceeded',
            'The statement ran for longer than statement_timeout allows and was ended. Make it faster, or raise it in the URL.',
          )
        : make('cancelled', 'The statement was cancelled.')
    case '25P03':
    case '25P04':
      return idleTooLong(error)
    case '25P02':
      return make(
        'precondition_failed',
        'A statement of this unit of work failed before, so nothing more can be done in it.',
      )
    case '25006':
      return make('precondition_failed', 'The database is read-only here.')
    case '28P01':
    case '28000':
      return /no encryption|SSL off/.test(text)
        ? make(
            'unauthenticated',
            `The server wants an encrypted connection: ${text}. Write tls=verify into the URL.`,
          )
        : make('unauthenticated', `The server refuses the login: ${text}. Check user and password.`)
    case '3D000':
      return make('not_found', `The server has no such database: ${text}. Create it, or correct the URL.`)
    case '42501':
      return make('permission_denied', `The user of the database lacks a right: ${text}.`)
    case '53300':
      return make(
        'resource_exhausted',
        `The server takes no more connections: ${text}. Lower pool_max, or raise max_connections.`,
        later,
      )
    case '0A000':
      return isStalePlan(error)
        ? make('unavailable', 'The schema has changed since the statement was prepared. Run it again.', {
            retry: 'now',
          })
        : make('unsupported', `PostgreSQL cannot do this: ${text}.`)
    case '54000':
    case '54001':
    case '54011':
    case '54023':
      return make('invalid_argument', `PostgreSQL refused the statement: ${text}.`)
  }
  switch (error.code.slice(0, 2)) {
    case '08':
    case '57':
      return make('unavailable', `The server went away: ${text}.`, later)
    case '53':
      return make('resource_exhausted', `The server is out of something: ${text}.`, later)
    case '58':
      return make('unavailable', `The server's disk failed: ${text}.`, later)
    case 'XX':
      return make('data_loss', `The server found damage: ${text}.`)
    case '22':
      return make('invalid_argument', `PostgreSQL refused a value: ${text}.`, {
        details: error.column ? { table: error.table, column: error.column } : {},
      })
    case '23':
      return violation(error, 'precondition_failed', `A constraint refuses the change: ${text}.`)
    case '42':
      return make('invalid_argument', `PostgreSQL refused the statement: ${text}.`)
    default:
      return make('internal', `PostgreSQL failed: ${text}`)
  }
}

export function rolledBack(): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    'A statement of the unit of work had failed, so PostgreSQL rolled it back instead of committing.',
  )
}

function clientError(
  error: unknown,
  text: string,
  make: (code: ErrorCode, message: string, options?: InfrastructureErrorOptions) => InfrastructureError,
): InfrastructureError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return make(
      'unavailable',
      'The name of the database server cannot be resolved. Check the host in the URL.',
      {
        retry: 'later',
      },
    )
  if (code === 'ECONNREFUSED' || (error instanceof AggregateError && text === ''))
    return make(
      'unavailable',
      'The database server refuses connections. Check that it runs, and host and port in the URL.',
      { retry: 'later' },
    )
  if (/timeout expired|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(`${code} ${text}`))
    return make(
      'unavailable',
      'The database server does not answer. Check host and port in the URL, and the network.',
      {
        retry: 'later',
      },
    )
  if (text.includes('does not support SSL'))
    return make('unavailable', 'The server speaks no TLS. Set it up there, or leave out tls in the URL.')
  if (tlsCode.test(code))
    return make(
      'unavailable',
      `The server's certificate is not trusted (${code}). Give its authority as tls_ca, or correct the host.`,
    )
  if (/password must be a string|SASL/.test(text))
    return make(
      'unauthenticated',
      'The server wants a password, and none was given. Put it into the URL or the options.',
    )
  return make('unavailable', `The connection to the server was lost: ${text}.`, { retry: 'later' })
}

function violation(error: ServerError, code: ErrorCode, message: string): InfrastructureError {
  const kind = kinds[error.code] ?? 'other'
  return new InfrastructureError(code, message, {
    cause: error,
    details: {
      kind,
      constraint: error.constraint ?? (error.column ? `${error.table}.${error.column}` : kind),
      ...(error.table && { table: error.table }),
      columns: columnsOf(error),
    },
  })
}

const kinds: Readonly<Record<string, string>> = {
  '23505': 'unique',
  '23P01': 'unique',
  '23502': 'not_null',
  '23514': 'check',
  '23503': 'foreign_key',
  '23001': 'foreign_key',
}

/** As in `Key (customer, status)=(ada, open) already exists.`; the values stay out of everything. */
function columnsOf({ column, detail }: ServerError): string[] {
  if (column) return [column]
  const list = /^Key \((.+?)\)=/.exec(detail ?? '')?.[1]
  return list ? list.split(', ').map(name => name.replace(/^"(.*)"$/, '$1')) : []
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}
