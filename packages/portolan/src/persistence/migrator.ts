import type { Duration } from '../ports/time.ts'

/**
 * The migrations of a namespace, to look at, apply, undo and set right. Many processes may use it at once: each migration is
 * applied by one of them.
 *
 * @example
 * const migrator = database.migrator('shop', await loadMigrations('./migrations'))
 * for (const { name, state } of await migrator.status()) console.log(state, name)
 * await migrator.up()
 */
export interface Migrator {
  /** Every migration that was given or applied, ordered by name. Changes nothing, not even the library's own tables. */
  status(): Promise<readonly MigrationStatus[]>
  /** What `up` or `down` would run now, in that order. Changes nothing. */
  plan(direction?: 'up', options?: UpOptions): Promise<readonly PlannedMigration[]>
  plan(direction: 'down', options?: DownOptions): Promise<readonly PlannedMigration[]>
  /**
   * Applies what is pending, in order.
   *
   * @throws InfrastructureError `precondition_failed` when an applied migration was edited or is missing, when a pending one sorts
   * before an applied one, and when one stopped half-way; `deadline_exceeded` when another process takes longer than `wait`.
   */
  up(options?: UpOptions): Promise<MigrationReport>
  /**
   * Undoes applied migrations, latest first; resolves with their names.
   *
   * @throws InfrastructureError as `up` does; `unsupported` when one of them has no `down`, before anything is undone.
   */
  down(options?: DownOptions): Promise<readonly string[]>
  /**
   * Notes how a migration stands, and runs nothing: after one that stopped half-way was finished or taken back by hand, when
   * an existing schema is taken over, or when an edit of an applied file does no harm.
   *
   * @throws InfrastructureError `precondition_failed` while it still runs, and when it would leave a gap.
   */
  resolve(name: string, as: 'applied' | 'not_applied'): Promise<void>
  /** @throws InfrastructureError `precondition_failed` when something is pending; it names the command that applies it. */
  requireApplied(): Promise<MigrationReport>
}

export interface UpOptions {
  /** The last one to apply. Default: all. */
  readonly to?: string
}

export interface DownOptions {
  /** How many. Default 1; `Infinity` undoes all. */
  readonly steps?: number
  /** The one that is the latest afterwards, instead of `steps`. */
  readonly to?: string
}

export interface MigrationReport {
  /** What this call applied, in order. */
  readonly applied: readonly string[]
  /** How many were there before, or came from other processes meanwhile. */
  readonly present: number
}

/**
 * - `edited`: applied, but its text is another one now.
 * - `missing`: applied, but not among those given.
 * - `out_of_order`: not applied, but sorts before one that is.
 * - `running`, `failed`: outside of a transaction, see `run`.
 */
export type MigrationState =
  | 'applied'
  | 'pending'
  | 'running'
  | 'failed'
  | 'edited'
  | 'missing'
  | 'out_of_order'

export interface MigrationStatus {
  readonly name: string
  readonly state: MigrationState
  /** Whether it can be undone. */
  readonly reversible: boolean
  readonly appliedAt?: Date
  /** Absent when nobody measured it: it was applied by hand. */
  readonly durationMs?: number
  /** What is known of a run that has not ended, or ended half-way. */
  readonly run?: MigrationRun
}

/** A migration that changes the schema outside of a transaction, so that others can see it half done. */
export interface MigrationRun {
  readonly direction: 'up' | 'down'
  /** The host and process that runs it. */
  readonly owner: string
  readonly startedAt: Date
  /** When the owner last said that it is alive. */
  readonly aliveAt: Date
  /** The statement at hand, from 1; 0 before the first, and for code. */
  readonly statement: number
  /** Why it failed. */
  readonly failure?: string
}

export interface PlannedMigration {
  readonly name: string
  readonly direction: 'up' | 'down'
  /** Whether all of it is one transaction. */
  readonly transaction: boolean
  /** Absent for code. */
  readonly statements?: readonly string[]
}

export interface MigratorOptions {
  /** How long to wait for other processes that migrate. Default `'10m'`. */
  readonly wait?: Duration
  /**
   * A process that runs a migration outside of a transaction says that it is alive, five times in this time. When it does not,
   * others take the migration for stopped half-way, and refuse. The same for all processes. Default `'15s'`.
   */
  readonly lease?: Duration
  /** Gives up; what runs in a transaction is rolled back. */
  readonly signal?: AbortSignal
  onProgress?(progress: MigrationProgress): void
}

/** What is happening, for whoever watches. */
export interface MigrationProgress {
  /** `waiting`: for another process. */
  readonly event: 'waiting' | 'begun' | 'statement' | 'done'
  readonly namespace: string
  readonly name: string
  readonly direction: 'up' | 'down'
  /** The one that begins, from 1. */
  readonly statement?: number
  /** How many there are. Absent for code. */
  readonly statements?: number
  /** Of what is done. */
  readonly durationMs?: number
}
