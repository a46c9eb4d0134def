import type { Database } from '../persistence/database.ts'
import { openDatabase } from '../persistence/open-database.ts'
import { type Terminal, UsageError } from './command.ts'

/** The database that a command is about: `--database URL`, or DATABASE_URL. @throws UsageError when neither is there. */
export function connect(given: string | undefined, { env }: Terminal, parameters = ''): Promise<Database> {
  const url = given ?? env.DATABASE_URL
  if (url === undefined || url === '')
    throw new UsageError('Which database? Give --database URL, or set DATABASE_URL.')
  const [name] = parameters.split('=')
  if (parameters === '' || /^sqlite:/i.test(url) || url.includes(`${name}=`)) return openDatabase(url)
  return openDatabase(`${url}${url.includes('?') ? '&' : '?'}${parameters}`)
}
