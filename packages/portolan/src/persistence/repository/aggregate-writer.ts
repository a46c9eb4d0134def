import { InfrastructureError } from '../../ports/errors.ts'
import type { Database } from '../database.ts'
import type { AnyMapping } from '../mapping.ts'
import type { AggregateMemory } from './aggregate-memory.ts'
import { DeletedRows } from './deleted-rows.ts'
import type { MappedSchemas } from './mapped-schemas.ts'
import { RowWriter, type Runs } from './row-writer.ts'
import type { Row } from './rows.ts'
import { type Change, changeOf, firstVersion, type Snapshot, touches } from './snapshot.ts'
import type { Stamps } from './stamps.ts'

/** Writes what differs: roots first, with their versions, then the children; events go into the same commit. */
export class AggregateWriter<Aggregate extends object> {
  readonly #database: Database
  readonly #mapping: AnyMapping<Aggregate>
  readonly #schemas: MappedSchemas
  readonly #memory: AggregateMemory<Aggregate>
  readonly #stamps: Stamps
  readonly #roots: RowWriter
  readonly #children: readonly RowWriter[]
  readonly #deleted: DeletedRows | undefined

  constructor(
    database: Database,
    mapping: AnyMapping<Aggregate>,
    schemas: MappedSchemas,
    memory: AggregateMemory<Aggregate>,
    stamps: Stamps,
  ) {
    this.#database = database
    this.#mapping = mapping
    this.#schemas = schemas
    this.#memory = memory
    this.#stamps = stamps
    this.#roots = new RowWriter(database, mapping.table)
    this.#children = mapping.children.map(({ table }) => new RowWriter(database, table))
    this.#deleted =
      mapping.softDelete === undefined
        ? undefined
        : new DeletedRows(database, mapping.table, mapping.key, mapping.softDelete)
  }

  async save(aggregates: readonly Aggregate[]): Promise<void> {
    const changes = await this.#changes(aggregates)
    const { events } = this.#mapping
    if (changes.length === 0 && !events) return
    // In a unit of their own, rows that are added travel together: whatever fails, nobody but the caller of this is to be told.
    const inserting = this.#database.inTransaction() || this.#deleted ? 'execute' : 'send'
    const write = async () => {
      await this.#writeRoots(changes, inserting)
      await this.#writeChildren(changes, inserting)
      if (changes.length > 0) this.#memory.written(changes)
      if (events) await this.#recordEvents(aggregates)
    }
    await (this.#isWhole(changes) ? write() : this.#database.run(write))
  }

  /** What is one statement, or an insert, is a transaction already, without the messages to a server that begin and commit one. */
  #isWhole(changes: readonly Change<Aggregate>[]): boolean {
    return (
      (changes.length === 1 || changes.every(({ before }) => !before)) &&
      !changes.some(({ children }) => children.some(touches)) &&
      !this.#mapping.events &&
      !this.#deleted &&
      !this.#database.inTransaction()
    )
  }

  /** Deletes the rows, also where deleting otherwise only marks them. */
  async remove(aggregates: readonly Aggregate[]): Promise<void> {
    const before = this.#remembered(aggregates)
    if (before.length === 0) return
    const { key, version, children } = this.#mapping
    const roots = before.map(snapshot => this.#versioned(snapshot.root, snapshot))
    await this.#database.run(async () => {
      if (children.length > 0) {
        // The roots first: whoever writes the same aggregate waits there, and none of its children is touched in between.
        this.#expect(before, await this.#roots.update(roots, [], [key], version))
        for (let i = 0; i < children.length; i++) {
          const { foreignKey } = children[i]!
          const owners = roots.map(root => ({ [foreignKey]: root[key]! }))
          await this.#children[i]!.delete(owners, [foreignKey])
        }
        await this.#roots.delete(roots, [key])
      } else {
        this.#expect(before, await this.#roots.delete(roots, [key, version]))
      }
      this.#memory.written(aggregates.map(aggregate => ({ aggregate, after: undefined })))
      await this.#recordEvents(aggregates)
    })
  }

  /** Marks the rows as deleted, or no longer so. */
  async mark(aggregates: readonly Aggregate[], softDelete: string, deleted: boolean): Promise<void> {
    const before = this.#remembered(aggregates)
    if (before.length === 0) return
    const { table, key, version } = this.#mapping
    if (before.some(snapshot => snapshot.deleted === deleted)) {
      throw new InfrastructureError(
        'precondition_failed',
        `A row of '${table}' is ${deleted ? 'deleted already' : 'not deleted, so it cannot be restored'}.`,
      )
    }
    if (!this.#schemas.known) await this.#schemas.learn()
    const set = { ...this.#stamps.updated(), [softDelete]: deleted ? this.#stamps.now() : null }
    const rows = before.map(snapshot => ({ ...this.#versioned(snapshot.root, snapshot), ...set }))
    await this.#database.run(async () => {
      this.#expect(before, await this.#roots.update(rows, Object.keys(set), [key], version))
      this.#memory.written(
        aggregates.map((aggregate, i) => ({
          aggregate,
          after: { ...before[i]!, version: before[i]!.version + 1, deleted },
        })),
      )
      await this.#recordEvents(aggregates)
    })
  }

  /** What has to be written; refused before anything is. */
  async #changes(aggregates: readonly Aggregate[]): Promise<Change<Aggregate>[]> {
    if (this.#schemas.known) {
      try {
        return this.#compare(aggregates)
      } catch (error) {
        if (!InfrastructureError.is(error, 'invalid_argument')) throw error
        // Once more, as a migration may have changed the schema since.
      }
    }
    await this.#schemas.learn()
    return this.#compare(aggregates)
  }

  #compare(aggregates: readonly Aggregate[]): Change<Aggregate>[] {
    const changes: Change<Aggregate>[] = []
    for (const aggregate of aggregates) {
      const before = this.#memory.snapshotOf(aggregate)
      const change = changeOf(this.#mapping, this.#schemas, aggregate, before)
      if (change) changes.push(change)
    }
    return changes
  }

  async #writeRoots(changes: readonly Change<Aggregate>[], inserting: Runs): Promise<void> {
    const write = async () => {
      await this.#insertRoots(
        changes.filter(({ before }) => !before),
        inserting,
      )
      await this.#updateRoots(changes.filter(({ before }) => before))
    }
    if (!this.#deleted) return write()
    await this.#deleted.explaining(
      changes.map(({ after }) => after.root),
      write,
    )
  }

  async #insertRoots(changes: readonly Change<Aggregate>[], inserting: Runs): Promise<void> {
    if (changes.length === 0) return
    await this.#roots.insert(
      changes.map(({ after }) => after.root),
      inserting,
      { ...this.#stamps.inserted(), [this.#mapping.version]: firstVersion },
    )
  }

  async #updateRoots(changes: readonly Change<Aggregate>[]): Promise<void> {
    if (changes.length === 0) return
    const { key, version } = this.#mapping
    const stamps = this.#stamps.updated()
    const columns = [...new Set([...changes.flatMap(change => change.columns), ...Object.keys(stamps)])]
    const before = changes.map(change => change.before!)
    const rows = changes.map(({ after }, i) => ({ ...this.#versioned(after.root, before[i]!), ...stamps }))
    this.#expect(before, await this.#roots.update(rows, columns, [key], version))
  }

  async #writeChildren(changes: readonly Change<Aggregate>[], inserting: Runs): Promise<void> {
    for (let i = 0; i < this.#children.length; i++) {
      const { table, foreignKey, key } = this.#mapping.children[i]!
      const writer = this.#children[i]!
      const all = changes.map(({ children }) => children[i]!)
      const identity = [foreignKey, ...key]
      // Before others are added: one that moves to another root must have left.
      await writer.delete(
        all.flatMap(({ removed }) => removed),
        identity,
      )
      const changed = all.flatMap(change => change.changed)
      const columns = [...new Set(all.flatMap(change => change.columns))]
      if ((await writer.update(changed, columns, identity)) !== changed.length) {
        throw new InfrastructureError(
          'conflict',
          `Rows of '${table}' were deleted by someone who did not raise the version of their root. Load and try again.`,
          { details: { table } },
        )
      }
      await writer.insert(
        all.flatMap(({ added }) => added),
        inserting,
      )
    }
  }

  async #recordEvents(aggregates: readonly Aggregate[]): Promise<void> {
    const { events } = this.#mapping
    if (!events) return
    const happened = this.#memory.newEvents(aggregates.flatMap(aggregate => [...events(aggregate)]))
    if (happened.length === 0) return
    await this.#database.recordEvents(happened)
    this.#memory.recorded(happened)
  }

  #remembered(aggregates: readonly Aggregate[]): Snapshot[] {
    return aggregates.map(aggregate => {
      const snapshot = this.#memory.snapshotOf(aggregate)
      if (snapshot) return snapshot
      throw new InfrastructureError(
        'precondition_failed',
        `Only what this repository loaded or saved can be deleted. Load it from '${this.#mapping.table}' first.`,
      )
    })
  }

  #versioned(root: Row, before: Snapshot): Row {
    return { ...root, [this.#mapping.version]: before.version }
  }

  /** Refuses when fewer rows than `snapshots` were as they were loaded. */
  #expect(snapshots: readonly Snapshot[], found: number): void {
    if (found === snapshots.length) return
    const { table, key } = this.#mapping
    const ids = snapshots.map(({ root }) => root[key])
    throw new InfrastructureError(
      'conflict',
      `${snapshots.length === 1 ? `The row of '${table}' with the key ${ids[0]}` : `Some of ${snapshots.length} rows of '${table}'`} ` +
        `changed since loading. Load again and decide anew.`,
      { details: { table, ids } },
    )
  }
}
