import { InfrastructureError } from '../../ports/errors.ts'
import type { MigratorContext } from './context.ts'
import type { Recorded, RunRow } from './history.ts'
import { locked, patiently } from './lock.ts'
import { refused, stillRunning } from './refusals.ts'
import { nextSign } from './signs-of-life.ts'
import { prepareTables } from './tables.ts'

/** Notes that `name` is applied or not, whatever ran or did not. */
export async function resolve(
  context: MigratorContext,
  name: string,
  as: 'applied' | 'not_applied',
): Promise<void> {
  const { namespace, ordered, history, surroundings, database } = context
  const migration = ordered.find(given => given.name === name)
  await patiently(context, () => prepareTables(database))
  const dead = await deadRun(context, name)
  await locked(context, async recorded => {
    const { applied, run } = recorded
    if (run && run.owner !== dead) throw stillRunning(namespace, run)
    const row = applied.find(known => known.name === name)
    if (!migration && !row && !run) {
      throw new InfrastructureError('not_found', `'${namespace}' has no migration '${name}'.`)
    }
    refuseGap(context, recorded, name, as)
    if (run) await history.endRun(run.owner)
    if (row) await history.remove(name)
    if (as === 'not_applied') return
    if (!migration) {
      throw new InfrastructureError(
        'invalid_argument',
        `Migration '${name}' of '${namespace}' is not among those given, so it cannot be noted as applied. Deploy a version that has it.`,
      )
    }
    await history.add({
      name,
      checksum: migration.checksum,
      appliedAt: row?.appliedAt ?? surroundings.clock.now(),
      durationMs: row?.durationMs ?? null,
    })
  })
}

/** The owner of a run of `name` that has certainly ended half-way. */
async function deadRun(context: MigratorContext, name: string): Promise<string | undefined> {
  const { namespace, history, report } = context
  const run = await history.run()
  if (!run) return undefined
  if (run.name !== name) {
    throw refused(`Migration '${run.name}' of '${namespace}' has not ended: resolve it first.`, {
      namespace,
      migration: run.name,
    })
  }
  report({ event: 'waiting', name, direction: run.direction })
  let current: RunRow | undefined
  try {
    current = await nextSign(context, run)
  } catch (error) {
    if (!InfrastructureError.is(error, 'precondition_failed')) throw error
    return run.owner
  }
  if (current) throw stillRunning(namespace, current)
  throw refused(`Migration '${name}' of '${namespace}' has just ended by itself. Look at the status.`, {
    namespace,
    migration: name,
  })
}

/** After it, what is applied must be the beginning of what was given. */
function refuseGap(
  { namespace, ordered }: MigratorContext,
  { applied }: Recorded,
  name: string,
  as: 'applied' | 'not_applied',
): void {
  const names = new Set(applied.map(row => row.name))
  const inTheWay =
    as === 'applied'
      ? ordered.find(other => other.name < name && !names.has(other.name))
      : ordered.findLast(other => other.name > name && names.has(other.name))
  if (!inTheWay || !ordered.some(other => other.name === name)) return
  throw refused(
    as === 'applied'
      ? `Migration '${inTheWay.name}' of '${namespace}' comes before '${name}' and is not applied. Apply or resolve it first.`
      : `Migration '${inTheWay.name}' of '${namespace}' comes after '${name}' and is applied. Undo or resolve it first.`,
    { namespace, migration: inTheWay.name },
  )
}
