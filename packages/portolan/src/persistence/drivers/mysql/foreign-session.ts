import { InfrastructureError } from '../../../ports/errors.ts'
import { opaque, skeleton } from '../../statement-text.ts'

/**
 * Writes SQL for a session with these modes (https://mariadb.com/kb/en/sql-mode/) instead of the library's, in which `"name"` is a name,
 * backslashes stand for themselves and `||` joins texts. Those of the session must stay as they are: what else uses it may escape its
 * values by them.
 *
 * @throws InfrastructureError `precondition_failed` for a session that stores other values than it is given.
 */
export function writtenFor(modes: string): (sql: string) => string {
  const has = new Set(modes.split(','))
  if (!has.has('STRICT_ALL_TABLES') && !has.has('STRICT_TRANS_TABLES')) {
    throw new InfrastructureError(
      'precondition_failed',
      'The session is not strict: MySQL would store other values than it is given. Add STRICT_TRANS_TABLES to the sql_mode of the connections that the transaction comes from.',
    )
  }
  const quotesNames = has.has('ANSI_QUOTES')
  const escapes = !has.has('NO_BACKSLASH_ESCAPES')
  const joinsTexts = has.has('PIPES_AS_CONCAT')
  return sql => {
    if (!joinsTexts && skeleton(sql).includes('||')) throw noPipes()
    return sql.replace(opaque, text => {
      if (text.startsWith('"') && !quotesNames) return backticked(text)
      return text.startsWith("'") && escapes ? text.replaceAll('\\', '\\\\') : text
    })
  }
}

function backticked(name: string): string {
  return `\`${name.slice(1, -1).replaceAll('""', '"').replaceAll('`', '``')}\``
}

function noPipes(): InfrastructureError {
  return new InfrastructureError(
    'unsupported',
    "The session takes || for OR, and the transaction is not the library's to change that. Write CONCAT(…), or add PIPES_AS_CONCAT to the sql_mode of the connections that the transaction comes from.",
  )
}
