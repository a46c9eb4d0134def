import type { MigrationRun, MigrationState, MigrationStatus } from '../migrator.ts'
import { differs } from './checksum.ts'
import { byName, type EngineMigration } from './engine-migration.ts'
import type { Recorded, RunRow } from './history.ts'
import { edited, missing, named, outOfOrder } from './refusals.ts'

/** How each migration stands that was given or recorded. */
export function standing(
  ordered: readonly EngineMigration[],
  { applied, run }: Recorded,
): readonly MigrationStatus[] {
  const rows = new Map(applied.map(row => [row.name, row]))
  const given = new Map(ordered.map(migration => [migration.name, migration]))
  const latest = applied.at(-1)?.name ?? ''
  const names = new Set([...given.keys(), ...rows.keys(), ...(run ? [run.name] : [])])
  const state = (name: string): MigrationState => {
    if (run?.name === name) return run.failure === null ? 'running' : 'failed'
    const [row, migration] = [rows.get(name), given.get(name)]
    if (!row) return name < latest ? 'out_of_order' : 'pending'
    if (!migration) return 'missing'
    return differs(migration.checksum, row.checksum) ? 'edited' : 'applied'
  }
  return [...names]
    .map(name => ({ name }))
    .sort(byName)
    .map(({ name }) => {
      const row = rows.get(name)
      return {
        name,
        state: state(name),
        reversible: given.get(name)?.down !== undefined,
        ...(row ? { appliedAt: new Date(row.appliedAt) } : {}),
        ...(row && row.durationMs !== null ? { durationMs: row.durationMs } : {}),
        ...(run?.name === name ? { run: runOf(run) } : {}),
      }
    })
}

/** What is still to be applied. @throws InfrastructureError for a history that `ordered` cannot have made. */
export function pendingOf(
  namespace: string,
  ordered: readonly EngineMigration[],
  recorded: Recorded,
): readonly EngineMigration[] {
  // A run is for its owner to end, or for `resolve`.
  const statuses = standing(ordered, { ...recorded, run: undefined })
  for (const { name, state } of statuses) {
    if (state === 'missing') throw missing(namespace, name)
    if (state === 'edited') throw edited(namespace, name)
    if (state === 'out_of_order') {
      throw outOfOrder(namespace, name, recorded.applied.find(row => row.name > name)!.name)
    }
  }
  return ordered.slice(recorded.applied.length)
}

function runOf({ direction, owner, startedAt, aliveAt, statement, failure }: RunRow): MigrationRun {
  return {
    ...{ direction, owner: named(owner), statement },
    startedAt: new Date(startedAt),
    aliveAt: new Date(aliveAt),
    ...(failure === null ? {} : { failure }),
  }
}
