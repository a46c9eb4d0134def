import type { Direction, MigratorContext } from './context.ts'
import type { EngineMigration } from './engine-migration.ts'
import type { Recorded } from './history.ts'
import { overtaken } from './refusals.ts'
import { pendingOf } from './standing.ts'

/** `superseded`: another process has done it. `occupied`: another migration is half done. */
export type Turn = 'mine' | 'superseded' | 'occupied'

/** Whether `migration` is the next to run, according to what is recorded now. */
export function turnOf(
  { namespace, ordered }: MigratorContext,
  recorded: Recorded,
  { name }: EngineMigration,
  direction: Direction,
): Turn {
  if (recorded.run) return 'occupied'
  const [next] = pendingOf(namespace, ordered, recorded)
  const applied = recorded.applied.some(row => row.name === name)
  if (applied === (direction === 'up')) return 'superseded'
  const turn = direction === 'up' ? next?.name : recorded.applied.at(-1)?.name
  if (turn !== name) throw overtaken(namespace, name)
  return 'mine'
}

/** Notes that a migration was applied or undone. */
export async function record(
  { history, surroundings }: MigratorContext,
  { name, checksum }: EngineMigration,
  direction: Direction,
  durationMs: number,
): Promise<void> {
  if (direction === 'down') await history.remove(name)
  else await history.add({ name, checksum, appliedAt: surroundings.clock.now(), durationMs })
}
