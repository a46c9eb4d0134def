import { existsSync } from 'node:fs'
import type { Database } from '../persistence/database.ts'
import { parseSqliteUrl } from '../persistence/drivers/sqlite/url.ts'
import { openDatabase } from '../persistence/open-database.ts'
import { InfrastructureError } from '../ports/errors.ts'
import { type Terminal, UsageError } from './command.ts'

export interface Connecting {
  /**
   * What a SQLite file that is not there means: it is made, an empty database stands for it, or it is an error. Who only looks leaves no
   * file behind, and a path with a mistake is not taken for a database that holds nothing.
   */
  readonly absent: 'made' | 'empty' | 'refused'
  /** For servers, where the URL says nothing of it: `name=value`. */
  readonly parameter?: string
}

/**
 * The database that a command is about: `--database URL`, or DATABASE_URL.
 *
 * @throws UsageError when neither is there. InfrastructureError `not_found` for a file that is not there.
 */
export async function connect(
  given: string | undefined,
  { env }: Terminal,
  { absent, parameter }: Connecting,
): Promise<Database> {
  const url = given ?? env.DATABASE_URL
  if (url === undefined || url === '')
    throw new UsageError('Which database? Give --database URL, or set DATABASE_URL.')
  if (/^sqlite:/i.test(url)) return openDatabase(present(url, absent))
  const [name] = (parameter ?? '').split('=')
  if (parameter === undefined || url.includes(`${name}=`)) return openDatabase(url)
  return openDatabase(`${url}${url.includes('?') ? '&' : '?'}${parameter}`)
}

function present(url: string, absent: Connecting['absent']): string {
  const { path } = parseSqliteUrl(url)
  if (absent === 'made' || path === ':memory:' || existsSync(path)) return url
  if (absent === 'empty') return 'sqlite::memory:'
  throw new InfrastructureError(
    'not_found',
    `There is no database file '${path}'. Check the path; 'portolan migrate up' and the application itself make one.`,
  )
}
