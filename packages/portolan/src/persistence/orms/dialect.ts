import { InfrastructureError } from '../../ports/errors.ts'
import type { Dialect } from '../driver.ts'

const dialects: Readonly<Record<string, Dialect>> = {
  pg: 'postgres',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mysql2: 'mysql',
  mariadb: 'mysql',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  'better-sqlite3': 'sqlite',
}

/** What the library calls the engine that an ORM calls `name`. */
export function dialectOf(orm: string, name: string | undefined): Dialect {
  const dialect = dialects[name?.toLowerCase() ?? '']
  if (dialect) return dialect
  throw new InfrastructureError(
    'unsupported',
    `${orm} is connected to ${name ?? 'an engine that it does not name'}, in whose transactions there is nothing to join. Use it with PostgreSQL, MySQL, MariaDB or SQLite.`,
  )
}

/** Only the outermost transaction commits: after one inside of it, there is nothing yet to tell anybody of. */
export function alreadyOpen(orm: string): InfrastructureError {
  return new InfrastructureError(
    'precondition_failed',
    `${orm} has a transaction open already, whose commit nobody would see from here. Begin that one with \`runIn\`; for a part that may fail alone, take \`database.run\` with propagation 'nested'.`,
  )
}
