import { InfrastructureError } from '../../ports/errors.ts'
import { cancelled } from '../../runtime/clock.ts'
import type { Direction, MigratorContext } from './context.ts'
import type { EngineMigration, EngineStep } from './engine-migration.ts'
import type { RunRow } from './history.ts'
import { locked } from './lock.ts'
import { perform } from './perform.ts'
import { resolvedMeanwhile, stopped } from './refusals.ts'
import { signsOfLife } from './signs-of-life.ts'
import { record, type Turn, turnOf } from './turn.ts'

const longestFailure = 500

/**
 * A migration whose statements commit one by one: where the engine cannot do otherwise, or the migration asks for it. It is noted
 * before its first statement and with each further one, so whoever comes later knows that it runs, or where it stopped. What stopped is
 * never run again by itself: its first statements would fail, or do their work twice.
 */
export async function runOutsideTransaction(
  context: MigratorContext,
  migration: EngineMigration,
  direction: Direction,
  step: EngineStep,
): Promise<Turn> {
  const { database, namespace, history, surroundings, report, signal } = context
  const { clock } = surroundings
  const { name } = migration
  const of = { name, direction, ...(step.statements ? { statements: step.statements.length } : {}) }
  const now = clock.now()
  const owner = context.owner()
  const run: RunRow = { name, direction, owner, startedAt: now, aliveAt: now, statement: 0, failure: null }
  const turn = await locked(context, async recorded => {
    const turn = turnOf(context, recorded, migration, direction)
    if (turn === 'mine') await history.beginRun(run)
    return turn
  })
  if (turn !== 'mine') return turn

  const begun = clock.monotonic()
  report({ event: 'begun', ...of })
  const signs = signsOfLife(context, owner)
  let at = 0
  try {
    await perform(database, step, async statement => {
      if (signal?.aborted) throw cancelled(signal)
      at = statement
      await history.reached(owner, statement, clock.now())
      report({ event: 'statement', ...of, statement })
    })
  } catch (error) {
    await signs.end()
    const failure = (error instanceof Error ? error.message : String(error)).slice(0, longestFailure)
    await noteFailure(context, owner, failure)
    throw stopped(namespace, { ...run, statement: at, failure }, error)
  }
  await signs.end()
  const durationMs = Math.round(clock.monotonic() - begun)
  await locked({ ...context, signal: undefined }, async () => {
    if (!(await history.endRun(owner))) throw resolvedMeanwhile(namespace, name)
    await record(context, migration, direction, durationMs)
  })
  report({ event: 'done', ...of, durationMs })
  return turn
}

/** Without the note, others still see that the signs of life have ended. */
async function noteFailure(
  { history, surroundings, namespace }: MigratorContext,
  owner: string,
  failure: string,
): Promise<void> {
  try {
    await history.failed(owner, failure, surroundings.clock.now())
  } catch (error) {
    if (!InfrastructureError.is(error)) throw error
    surroundings.logger.warn('The failure of a migration could not be noted.', { namespace, error })
  }
}
