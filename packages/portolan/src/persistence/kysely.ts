import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
} from 'kysely'
import { InfrastructureError } from '../ports/errors.ts'
import type { Database } from './database.ts'
import type { DatabaseDriver } from './driver.ts'
import { Recent } from './recent.ts'
import type { SqlValue } from './sql-value.ts'
import { factsOf, type StatementFacts } from './statement-text.ts'

/** Kysely whose statements run where those of `database` do: in the transaction in progress, or on their own. */
export function kyselyOver<Tables>(database: Database, engine: DatabaseDriver['kysely']): Kysely<Tables> {
  const dialect: Dialect = { ...engine, createDriver: () => driverOver(database) }
  return new Kysely<Tables>({ dialect })
}

function driverOver(database: Database): Driver {
  const known = new Recent<StatementFacts>(256)
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const values = parameters as readonly SqlValue[]
      const { changesRows, returnsRows } = known.get(sql, factsOf)
      if (changesRows && !returnsRows) {
        return { rows: [], numAffectedRows: BigInt(await database.execute(sql, values)) }
      }
      const rows = await database.query<Row>(sql, values)
      return changesRows ? { rows, numAffectedRows: BigInt(rows.length) } : { rows }
    },
    // biome-ignore lint/correctness/useYield: it only refuses.
    async *streamQuery() {
      throw unsupported(
        'A stream would keep a connection for as long as it is read. Take `stream` of a repository, or page by page through a keyset query.',
      )
    },
  }
  return {
    async init() {},
    acquireConnection: async () => connection,
    beginTransaction: async () => {
      throw unsupported(
        'Begin a transaction with `database.run(…)`: kysely joins it by itself, and so does everything else.',
      )
    },
    async commitTransaction() {},
    async rollbackTransaction() {},
    async releaseConnection() {},
    async destroy() {
      // It would be unusable for everybody else.
      throw unsupported('The connections belong to the database. Close that instead.')
    },
  }
}

function unsupported(message: string): InfrastructureError {
  return new InfrastructureError('unsupported', message)
}
