import { hostname } from 'node:os'
import { pid } from 'node:process'
import { InfrastructureError } from '../../ports/errors.ts'
import { milliseconds } from '../../runtime/duration.ts'
import type { Surroundings } from '../../runtime/surroundings.ts'
import type { Database } from '../database.ts'
import type { MigrationSet } from '../migrations.ts'
import type { MigrationProgress, MigratorOptions } from '../migrator.ts'
import { type EngineMigration, engineMigrations } from './engine-migration.ts'
import { History } from './history.ts'

export type Direction = 'up' | 'down'

/** What everything around the migrations of a namespace stands on. */
export interface MigratorContext {
  readonly database: Database
  readonly namespace: string
  /** In order, checked. */
  readonly ordered: readonly EngineMigration[]
  readonly history: History
  readonly surroundings: Surroundings
  readonly waitMs: number
  readonly leaseMs: number
  readonly signal: AbortSignal | undefined
  report(progress: Omit<MigrationProgress, 'namespace'>): void
  /** Another one at each call; `named` says what of it people want to know. */
  owner(): string
}

export function migratorContext(
  database: Database,
  surroundings: Surroundings,
  { namespace, migrations }: MigrationSet,
  { wait = '10m', lease = '15s', signal, onProgress }: MigratorOptions,
): MigratorContext {
  const leaseMs = milliseconds(lease, 'lease')
  if (leaseMs === 0) throw new InfrastructureError('invalid_argument', 'lease: must be longer than nothing.')
  return {
    database,
    namespace,
    ordered: engineMigrations(database.dialect, namespace, migrations),
    history: new History(database, namespace),
    surroundings,
    waitMs: milliseconds(wait, 'wait'),
    leaseMs,
    signal,
    report: progress => onProgress?.({ namespace, ...progress }),
    owner: () => `${surroundings.ids.next()} ${hostname().slice(0, 100)}, process ${pid}`,
  }
}
