import { InfrastructureError } from '../../ports/errors.ts'
import type { Dialect } from '../driver.ts'
import type { Migration, MigrationDatabase, MigrationStep } from '../migrations.ts'
import { splitStatements } from '../statement-text.ts'
import { checksumOf } from './checksum.ts'

/** A migration with the steps of the engine at hand. */
export interface EngineMigration {
  readonly name: string
  readonly up: EngineStep
  readonly down: EngineStep | undefined
  readonly checksum: string
}

export interface EngineStep {
  /** Whether it asks to be one transaction. */
  readonly transaction: boolean
  /** Absent for code. */
  readonly statements: readonly string[] | undefined
  readonly code: ((database: MigrationDatabase) => Promise<void>) | undefined
}

const namespaces = /^[a-z0-9_.-]{1,100}$/
const names = /^[\w.-]{1,200}$/

/**
 * The migrations in order, checked.
 *
 * @throws InfrastructureError `invalid_argument` for names that cannot be used and steps without statements; `unsupported` for one
 * without a step for the engine.
 */
export function engineMigrations(
  dialect: Dialect,
  namespace: string,
  migrations: readonly Migration[],
): readonly EngineMigration[] {
  if (!namespaces.test(namespace)) {
    throw new InfrastructureError(
      'invalid_argument',
      `'${namespace}' is no namespace of migrations. Use up to 100 lower-case letters, digits, '_', '.' and '-'.`,
    )
  }
  const ordered = migrations.toSorted(byName)
  const taken = new Map<string, string>()
  for (const { name } of ordered) {
    if (!names.test(name)) {
      throw new InfrastructureError(
        'invalid_argument',
        `'${name}' is no name of a migration. Use up to 200 letters, digits, '_', '.' and '-'.`,
      )
    }
    // Engines and file systems differ in whether upper and lower case are the same.
    const other = taken.get(name.toLowerCase())
    if (other !== undefined) {
      throw new InfrastructureError(
        'invalid_argument',
        other === name
          ? `Two migrations of '${namespace}' are called '${name}'.`
          : `The migrations '${other}' and '${name}' of '${namespace}' differ in upper and lower case alone.`,
      )
    }
    taken.set(name.toLowerCase(), name)
  }
  return ordered.map(migration => engineMigration(dialect, namespace, migration))
}

/** As text, the same on every engine and in every locale. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

function engineMigration(dialect: Dialect, namespace: string, migration: Migration): EngineMigration {
  const { name, up, down, transaction, checksum } = migration
  const forward = stepOf(up, dialect)
  if (forward === undefined) {
    throw new InfrastructureError(
      'unsupported',
      `Migration '${name}' of '${namespace}' has no step for ${dialect}. Add one to its \`up\`.`,
    )
  }
  const back = stepOf(down, dialect)
  const made = (step: MigrationStep, part: 'up' | 'down'): EngineStep => {
    if (typeof step !== 'string')
      return { transaction: transaction !== false, statements: undefined, code: step }
    const statements = splitStatements(step)
    if (statements.length === 0) {
      throw new InfrastructureError(
        'invalid_argument',
        `Migration '${name}' of '${namespace}' has no statements in its \`${part}\`.`,
      )
    }
    return { transaction: transaction !== false && !asksForNone(step), statements, code: undefined }
  }
  return {
    name,
    up: made(forward, 'up'),
    down: back === undefined ? undefined : made(back, 'down'),
    checksum: checksum ?? checksumOf(forward),
  }
}

function stepOf(step: Migration['down'], dialect: Dialect): MigrationStep | undefined {
  return typeof step === 'object' ? step[dialect] : step
}

function asksForNone(sql: string): boolean {
  return /^[ \t]*--[ \t]*no[ \t]+transaction[ \t]*\r?$/im.test(sql)
}
