import { InfrastructureError } from '../../ports/errors.ts'
import type { Direction, MigratorContext } from './context.ts'
import type { EngineMigration, EngineStep } from './engine-migration.ts'
import { locked } from './lock.ts'
import { perform } from './perform.ts'
import { nothingApplied } from './refusals.ts'
import { record, type Turn, turnOf } from './turn.ts'

/** A migration and its record in one transaction: both, or neither. Resolves with what became of its turn. */
export async function runInTransaction(
  context: MigratorContext,
  migration: EngineMigration,
  direction: Direction,
  step: EngineStep,
): Promise<Turn> {
  const { database, namespace, surroundings, report } = context
  const { name } = migration
  const of = { name, direction, ...(step.statements ? { statements: step.statements.length } : {}) }
  let durationMs = 0
  const turn = await locked(context, async recorded => {
    const turn = turnOf(context, recorded, migration, direction)
    if (turn !== 'mine') return turn
    const begun = surroundings.clock.monotonic()
    report({ event: 'begun', ...of })
    let at = 0
    try {
      await perform(database, step, statement => {
        at = statement
        report({ event: 'statement', ...of, statement })
      })
    } catch (error) {
      if (at === 0 || !InfrastructureError.is(error)) throw error
      throw nothingApplied(namespace, name, at, error)
    }
    durationMs = Math.round(surroundings.clock.monotonic() - begun)
    await record(context, migration, direction, durationMs)
    return turn
  })
  if (turn === 'mine') report({ event: 'done', ...of, durationMs })
  return turn
}
