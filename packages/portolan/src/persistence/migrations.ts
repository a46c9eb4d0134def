import type { Kysely } from 'kysely'
import type { UnitOfWork } from '../ports/unit-of-work.ts'
import type { Dialect } from './driver.ts'
import type { Statements } from './statements.ts'

/** A change of a schema: SQL text, or code. */
export interface Migration {
  /** Orders it, as text: `0001-carts` comes before `0002-orders`. Letters, digits, `_`, `.` and `-`. */
  readonly name: string
  /**
   * Statements, separated by `;`, or code. All of it is one transaction where the engine can do that (see
   * `capabilities.transactionalSchema`). SQL with a line `-- no transaction` is run statement by statement, each committing on
   * its own, as PostgreSQL demands of `CREATE INDEX CONCURRENTLY`.
   */
  readonly up: MigrationStep | MigrationSteps
  /** Absent: it cannot be undone. */
  readonly down?: MigrationStep | MigrationSteps
  /** `false`: code that must not run in a transaction. SQL says so by itself, with `-- no transaction`. */
  readonly transaction?: false
  /**
   * What tells an edited migration. SQL has one by itself. Code has none unless it comes from a file (`loadMigrations`), because
   * the text of a function changes with the compiler.
   */
  readonly checksum?: string
}

export type MigrationStep = string | ((database: MigrationDatabase) => Promise<void>)

/** A step for each engine, where they need different ones. On an engine without one, the migration is refused. */
export type MigrationSteps = { readonly [D in Dialect]?: MigrationStep }

/** What the code of a migration works with. */
export interface MigrationDatabase extends Statements, UnitOfWork {
  readonly dialect: Dialect
  kysely<Tables>(): Kysely<Tables>
}

/** The migrations of one namespace: what a module exports for `portolan migrate`. */
export interface MigrationSet {
  /** Keeps them apart from those of others in the same database: `shop`. Lower-case letters, digits, `_`, `.` and `-`. */
  readonly namespace: string
  readonly migrations: readonly Migration[]
}
