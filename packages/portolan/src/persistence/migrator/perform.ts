import type { MigrationDatabase } from '../migrations.ts'
import type { EngineStep } from './engine-migration.ts'

/** Runs a step; tells `before` of each statement, from 1. */
export async function perform(
  database: MigrationDatabase,
  { statements, code }: EngineStep,
  before: (statement: number) => Promise<void> | void,
): Promise<void> {
  await code?.(database)
  for (const [index, statement] of (statements ?? []).entries()) {
    await before(index + 1)
    await database.execute(statement)
  }
}
