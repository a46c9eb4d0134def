import { InfrastructureError } from '../../../ports/errors.ts'

export interface SqliteSettings {
  /** `:memory:`, or the path of a file. */
  readonly path: string
  readonly synchronous: 'full' | 'normal'
  /** How long a unit of work waits for other processes to finish writing, in milliseconds. */
  readonly lockTimeoutMs: number
  /** How long a unit of work may keep others waiting, in milliseconds. */
  readonly holdTimeoutMs: number
}

/** Reads `sqlite:./shop.db?synchronous=normal&busy_timeout=10000`. */
export function parseSqliteUrl(url: string): SqliteSettings {
  const rest = url.slice('sqlite:'.length)
  const mark = rest.indexOf('?')
  const path = decoded((mark < 0 ? rest : rest.slice(0, mark)).replace(/^\/\/(?=\/)/, ''))
  if (path === '') throw invalid('The URL names no file. Write sqlite:./shop.db or sqlite::memory:.')
  let synchronous: SqliteSettings['synchronous'] = 'full'
  let lockTimeoutMs = 5_000
  let holdTimeoutMs = 30_000
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : rest.slice(mark + 1))) {
    if (name === 'synchronous') {
      if (value !== 'full' && value !== 'normal')
        throw invalid(`synchronous: '${value}' is unknown. Use full or normal.`)
      synchronous = value
    } else if (name === 'busy_timeout') {
      lockTimeoutMs = wholeMs(name, value)
    } else if (name === 'transaction_timeout') {
      holdTimeoutMs = wholeMs(name, value)
    } else {
      throw invalid(
        `The parameter '${name}' is unknown. Allowed are synchronous (full, normal), busy_timeout and transaction_timeout (ms).`,
      )
    }
  }
  return { path, synchronous, lockTimeoutMs, holdTimeoutMs }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw invalid("The path is not validly encoded. Write a '%' as '%25'.")
  }
}

function wholeMs(name: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw invalid(`${name}: '${value}' is no number of milliseconds.`)
  return Number(value)
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The database's URL: ${message}`)
}
