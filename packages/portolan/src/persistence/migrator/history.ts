import type { Database } from '../database.ts'
import { byName } from './engine-migration.ts'
import { rowsIfThere } from './tables.ts'

export interface AppliedRow {
  readonly name: string
  readonly checksum: string
  readonly appliedAt: number
  readonly durationMs: number | null
}

export interface RunRow {
  readonly name: string
  readonly direction: 'up' | 'down'
  readonly owner: string
  readonly startedAt: number
  readonly aliveAt: number
  readonly statement: number
  readonly failure: string | null
}

export interface Recorded {
  /** Ordered by name. */
  readonly applied: readonly AppliedRow[]
  readonly run: RunRow | undefined
}

/** What the database knows of the migrations of a namespace. */
export class History {
  readonly #database: Database
  readonly #namespace: string

  constructor(database: Database, namespace: string) {
    this.#database = database
    this.#namespace = namespace
  }

  async read(): Promise<Recorded> {
    // All columns, as an older version of the library made the table with fewer of them.
    const rows = await rowsIfThere<{
      name: string
      checksum: string
      applied_at: number
      duration_ms?: number | null
    }>(this.#database, 'SELECT * FROM portolan_migrations WHERE namespace = ?', [this.#namespace])
    const applied = rows.map(({ name, checksum, applied_at, duration_ms }) => ({
      name,
      checksum,
      appliedAt: applied_at,
      durationMs: duration_ms ?? null,
    }))
    // Sorted here, as the order of text differs between engines.
    return { applied: applied.sort(byName), run: await this.run() }
  }

  async run(): Promise<RunRow | undefined> {
    const [row] = await rowsIfThere<{
      name: string
      direction: 'up' | 'down'
      owner: string
      started_at: number
      alive_at: number
      statement_number: number
      failure: string | null
    }>(
      this.#database,
      'SELECT name, direction, owner, started_at, alive_at, statement_number, failure FROM portolan_migration_runs WHERE namespace = ?',
      [this.#namespace],
    )
    if (!row) return undefined
    const { started_at, alive_at, statement_number, ...rest } = row
    return { ...rest, startedAt: started_at, aliveAt: alive_at, statement: statement_number }
  }

  async add({ name, checksum, appliedAt, durationMs }: AppliedRow): Promise<void> {
    await this.#database.execute(
      'INSERT INTO portolan_migrations (namespace, name, checksum, applied_at, duration_ms) VALUES (?, ?, ?, ?, ?)',
      [this.#namespace, name, checksum, appliedAt, durationMs],
    )
  }

  async remove(name: string): Promise<void> {
    await this.#database.execute('DELETE FROM portolan_migrations WHERE namespace = ? AND name = ?', [
      this.#namespace,
      name,
    ])
  }

  async beginRun({ name, direction, owner, startedAt, aliveAt, statement }: RunRow): Promise<void> {
    await this.#database.execute(
      'INSERT INTO portolan_migration_runs (namespace, name, direction, owner, started_at, alive_at, statement_number) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [this.#namespace, name, direction, owner, startedAt, aliveAt, statement],
    )
  }

  async reached(owner: string, statement: number, now: number): Promise<void> {
    await this.#database.execute(
      'UPDATE portolan_migration_runs SET statement_number = ?, alive_at = ? WHERE namespace = ? AND owner = ?',
      [statement, now, this.#namespace, owner],
    )
  }

  async alive(owner: string, now: number): Promise<void> {
    await this.#database.execute(
      'UPDATE portolan_migration_runs SET alive_at = ? WHERE namespace = ? AND owner = ?',
      [now, this.#namespace, owner],
    )
  }

  async failed(owner: string, failure: string, now: number): Promise<void> {
    await this.#database.execute(
      'UPDATE portolan_migration_runs SET failure = ?, alive_at = ? WHERE namespace = ? AND owner = ?',
      [failure, now, this.#namespace, owner],
    )
  }

  /** Resolves with whether the run was still there. */
  async endRun(owner: string): Promise<boolean> {
    const sql = 'DELETE FROM portolan_migration_runs WHERE namespace = ? AND owner = ?'
    return (await this.#database.execute(sql, [this.#namespace, owner])) > 0
  }
}
