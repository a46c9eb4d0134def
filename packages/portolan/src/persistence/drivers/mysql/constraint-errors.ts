import { type ErrorCode, InfrastructureError } from '../../../ports/errors.ts'
import type { ServerError } from './server-error.ts'
import { duplicateOf } from './unique-keys.ts'

/** The library's error for a violated constraint; `undefined` for other errors. */
export function constraintError(error: ServerError, text: string): InfrastructureError | undefined {
  switch (error.errno) {
    case 1022:
    case 1062:
    case 1169:
    case 1586: {
      const { table, key = 'unique' } = duplicateOf(error)
      const { columns = [] } = error
      return violation(
        error,
        'already_exists',
        `A row with the same ${columns.join(', ') || `key (${key})`} exists.`,
        { kind: 'unique', constraint: key, table: error.table ?? table, columns },
      )
    }
    case 1048:
    case 1263:
    case 1364: {
      const column = /(?:column|field) '([^']*)'/i.exec(text)?.[1]
      return violation(error, 'precondition_failed', `${column ?? 'A column'} must not be empty.`, {
        kind: 'not_null',
        constraint: column,
        columns: column === undefined ? [] : [column],
      })
    }
    case 3819:
    case 4025: {
      // MySQL: `Check constraint 'name' is violated`. MariaDB: `CONSTRAINT `name` failed for `shop`.`carts``; a check of a column
      // is named after it, with the table before.
      const [, name, table] =
        /constraint [`'](?:[^`']*\.)?([^`']*)[`'](?: failed for `[^`]*`\.`([^`]*)`)?/i.exec(text) ?? []
      return violation(error, 'precondition_failed', `The check '${name}' refuses the row.`, {
        kind: 'check',
        constraint: name,
        table,
      })
    }
    case 1216:
    case 1217:
    case 1451:
    case 1452: {
      // As in `(`shop`.`lines`, CONSTRAINT `name` FOREIGN KEY (`cart_id`) REFERENCES …)`, in whatever quotes the session has.
      const plain = text.replaceAll(/["`]/g, '')
      const [, table, name, columns] =
        /\((?:[^,]*\.)?([^,.]*), CONSTRAINT (.+?) FOREIGN KEY \((.+?)\)/.exec(plain) ?? []
      return violation(
        error,
        'precondition_failed',
        `The foreign key '${name ?? ''}' refuses the change: the row refers to one that is missing, or is itself referred to.`,
        { kind: 'foreign_key', constraint: name, table, columns: columns?.split(', ') },
      )
    }
    default:
      return undefined
  }
}

interface Violated {
  readonly kind: 'unique' | 'not_null' | 'check' | 'foreign_key'
  readonly constraint: string | undefined
  readonly table?: string | undefined
  readonly columns?: readonly string[] | undefined
}

function violation(
  cause: ServerError,
  code: ErrorCode,
  message: string,
  { kind, constraint = kind, table, columns = [] }: Violated,
): InfrastructureError {
  return new InfrastructureError(code, message, {
    cause,
    details: { kind, constraint, ...(table && { table }), columns },
  })
}
