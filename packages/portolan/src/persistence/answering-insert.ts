import type { Database } from './database.ts'
import { named } from './named-parameters.ts'
import type { SqlValue } from './sql-value.ts'

/** With parameters and words as `named` takes them. */
export interface AnsweringInsertText {
  /** An `INSERT` of one row that may change the one that is there instead. */
  readonly insert: string
  /** Of the row as it is then. */
  readonly columns: string
  /** As in `lock WHERE name = :name`. */
  readonly from: string
  readonly words: Readonly<Record<string, string>>
}

/** A statement of this kind on one database; `values` are those of its parameters. */
export type AnsweringInsert = <Row>(
  text: AnsweringInsertText,
) => (values: Readonly<Record<string, SqlValue>>) => Promise<Row>

/**
 * Makes functions that run an `INSERT` and resolve with the row that it came to: by its own answer, in one round trip, or where the engine
 * gives none (MySQL; MariaDB does) by a `SELECT` in the same transaction.
 */
export async function answeringInserts(database: Database): Promise<AnsweringInsert> {
  const atOnce = await answers(database)
  return <Row>({ insert, columns, from, words }: AnsweringInsertText) => {
    if (atOnce) {
      const whole = named(`${insert} RETURNING ${columns}`, words)
      return async values => (await database.query<Row>(...whole(values)))[0]!
    }
    const change = named(insert, words)
    const look = named(`SELECT ${columns} FROM ${from}`, words)
    return values =>
      database.run(async () => {
        await database.execute(...change(values))
        return (await database.query<Row>(...look(values)))[0]!
      })
  }
}

async function answers(database: Database): Promise<boolean> {
  if (database.capabilities.returning) return true
  const [row] = await database.query<{ version: string }>('SELECT VERSION() AS version')
  return row!.version.includes('MariaDB')
}
