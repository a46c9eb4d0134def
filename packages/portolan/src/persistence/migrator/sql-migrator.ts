import { InfrastructureError } from '../../ports/errors.ts'
import { closest } from '../../runtime/spelling.ts'
import type {
  DownOptions,
  MigrationReport,
  MigrationStatus,
  Migrator,
  PlannedMigration,
  UpOptions,
} from '../migrator.ts'
import type { Direction, MigratorContext } from './context.ts'
import type { EngineMigration, EngineStep } from './engine-migration.ts'
import type { Recorded } from './history.ts'
import { runInTransaction } from './in-transaction.ts'
import { patiently } from './lock.ts'
import { runOutsideTransaction } from './outside-transaction.ts'
import { inUnitOfWork, irreversible, pending, stillRunning, stopped } from './refusals.ts'
import { resolve } from './resolve.ts'
import { untilEnded } from './signs-of-life.ts'
import { pendingOf, standing } from './standing.ts'
import { prepareTables } from './tables.ts'

/** Migrations over any database. */
export class SqlMigrator implements Migrator {
  readonly #context: MigratorContext

  constructor(context: MigratorContext) {
    this.#context = context
  }

  async status(): Promise<readonly MigrationStatus[]> {
    return standing(this.#context.ordered, await this.#read())
  }

  async plan(
    direction: Direction = 'up',
    options: UpOptions & DownOptions = {},
  ): Promise<readonly PlannedMigration[]> {
    const { namespace } = this.#context
    const recorded = await this.#read()
    const { run } = recorded
    if (run) throw run.failure === null ? stillRunning(namespace, run) : stopped(namespace, run)
    const chosen = direction === 'up' ? this.#pending(recorded, options) : this.#undone(recorded, options)
    return chosen.map(migration => {
      const step = stepOf(migration, direction)
      return {
        ...{ name: migration.name, direction, transaction: this.#transactional(step) },
        ...(step.statements ? { statements: step.statements } : {}),
      }
    })
  }

  async up(options: UpOptions = {}): Promise<MigrationReport> {
    const recorded = await this.#settled()
    const chosen = this.#pending(recorded, options)
    const applied = await this.#run(chosen, 'up')
    return { applied, present: recorded.applied.length + chosen.length - applied.length }
  }

  async down(options: DownOptions = {}): Promise<readonly string[]> {
    return this.#run(this.#undone(await this.#settled(), options), 'down')
  }

  async resolve(name: string, as: 'applied' | 'not_applied'): Promise<void> {
    if (this.#context.database.inTransaction()) throw inUnitOfWork()
    await resolve(this.#context, name, as)
  }

  async requireApplied(): Promise<MigrationReport> {
    const { namespace, ordered } = this.#context
    const waiting = this.#pending(await this.#settled(), {})
    if (waiting.length > 0)
      throw pending(
        namespace,
        waiting.map(({ name }) => name),
      )
    return { applied: [], present: ordered.length }
  }

  /** Resolves with the names of those that this process ran. */
  async #run(chosen: readonly EngineMigration[], direction: Direction): Promise<string[]> {
    if (chosen.length === 0) return []
    await patiently(this.#context, () => prepareTables(this.#context.database))
    const ran: string[] = []
    for (const migration of chosen) {
      const step = stepOf(migration, direction)
      const attempt = this.#transactional(step) ? runInTransaction : runOutsideTransaction
      for (;;) {
        const turn = await attempt(this.#context, migration, direction, step)
        if (turn === 'mine') ran.push(migration.name)
        if (turn !== 'occupied') break
        await this.#settled()
      }
    }
    return ran
  }

  /** What is recorded, once nothing is half done. */
  async #settled(): Promise<Recorded> {
    for (;;) {
      const recorded = await this.#read()
      if (!recorded.run) return recorded
      await untilEnded(this.#context, recorded.run)
    }
  }

  async #read(): Promise<Recorded> {
    const { database, history } = this.#context
    if (database.inTransaction()) throw inUnitOfWork()
    return history.read()
  }

  #pending(recorded: Recorded, { to }: UpOptions): readonly EngineMigration[] {
    const { namespace, ordered } = this.#context
    const waiting = pendingOf(namespace, ordered, recorded)
    if (to === undefined) return waiting
    this.#known(to)
    return waiting.filter(({ name }) => name <= to)
  }

  #undone(recorded: Recorded, { to, steps = 1 }: DownOptions): readonly EngineMigration[] {
    const { namespace, ordered } = this.#context
    if (!(steps >= 1 && (steps === Infinity || Number.isInteger(steps)))) {
      throw new InfrastructureError('invalid_argument', `steps: ${steps} is no whole number of 1 or more.`)
    }
    const unapplied = pendingOf(namespace, ordered, recorded).length
    const latestFirst = ordered.slice(0, ordered.length - unapplied).reverse()
    if (to !== undefined) this.#known(to)
    const chosen =
      to === undefined ? latestFirst.slice(0, steps) : latestFirst.filter(({ name }) => name > to)
    for (const { name, down } of chosen) if (!down) throw irreversible(namespace, name)
    return chosen
  }

  #known(name: string): void {
    const { namespace, ordered } = this.#context
    if (ordered.some(given => given.name === name)) return
    const near = closest(
      name,
      ordered.map(given => given.name),
    )
    throw new InfrastructureError(
      'not_found',
      `'${namespace}' has no migration '${name}'.${near ? ` Did you mean '${near}'?` : ''}`,
    )
  }

  #transactional(step: EngineStep): boolean {
    return step.transaction && this.#context.database.capabilities.transactionalSchema
  }
}

function stepOf({ name, up, down }: EngineMigration, direction: Direction): EngineStep {
  if (direction === 'up') return up
  if (!down) throw new Error(`'${name}' was chosen although it has no down.`)
  return down
}
