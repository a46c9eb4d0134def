import { InfrastructureError } from '../../ports/errors.ts'
import type { Database } from '../database.ts'
import type { AnyMapping } from '../mapping.ts'
import type { SqlValue } from '../sql-value.ts'
import type { AggregateMemory } from './aggregate-memory.ts'
import { type Family, FamilyReader } from './family-reader.ts'
import type { MappedSchemas } from './mapped-schemas.ts'
import { type Reading, RowReader } from './row-reader.ts'
import { decodeRow, encodeValue, keyOf, type Row } from './rows.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableSchema } from './table-schema.ts'

const noChildren: Snapshot['children'] = []

/** Makes aggregates of rows: one query for the roots, one for each table of children; one for both where they come alone. */
export class AggregateLoader<Aggregate extends object> {
  readonly #database: Database
  readonly #mapping: AnyMapping<Aggregate>
  readonly #schemas: MappedSchemas
  readonly #memory: AggregateMemory<Aggregate>
  readonly #roots: RowReader
  readonly #children: readonly RowReader[]
  readonly #families: FamilyReader | undefined

  constructor(
    database: Database,
    mapping: AnyMapping<Aggregate>,
    schemas: MappedSchemas,
    memory: AggregateMemory<Aggregate>,
  ) {
    this.#database = database
    this.#mapping = mapping
    this.#schemas = schemas
    this.#memory = memory
    this.#roots = new RowReader(database, schemas.root, mapping.key, { softDelete: mapping.softDelete })
    this.#children = mapping.children.map(
      ({ foreignKey, orderBy }, i) => new RowReader(database, schemas.children[i]!, foreignKey, { orderBy }),
    )
    this.#families = mapping.children.length === 1 ? new FamilyReader(database, mapping, schemas) : undefined
  }

  byIds(ids: readonly unknown[], reading: Reading): Promise<Aggregate[]> {
    const keys = ids.length === 1 ? [this.#key(ids[0])] : [...new Set(ids.map(id => this.#key(id)))]
    if (keys.length === 0) return Promise.resolve([])
    const family = keys.length === 1 && !reading.lock ? this.#families?.read(keys[0]!, reading) : undefined
    if (family) return family.then(this.#alone)
    return this.load(reading, () => this.#roots.read(keys, reading), keys)
  }

  /**
   * Aggregates of the whole roots that `read` finds, with their children as of the same moment. `keys` are those of the roots, where
   * they are known before.
   */
  load(reading: Reading, read: () => Promise<Row[]>, keys?: readonly SqlValue[]): Promise<Aggregate[]> {
    if (reading.lock) this.#checkLockable()
    if (this.#children.length === 0) return this.#loadRoots(read)
    if (this.#database.inTransaction()) return this.#loadFamilies(reading, read, keys)
    // Between two statements of their own, another unit could change what belongs together.
    return this.#database.run(() => this.#loadFamilies(reading, read, keys), { readOnly: true })
  }

  async #loadFamilies(
    reading: Reading,
    read: () => Promise<Row[]>,
    keys: readonly SqlValue[] | undefined,
  ): Promise<Aggregate[]> {
    if (keys?.length === 1 && !reading.lock) {
      // Asked for together, they come back together where the engine takes several statements at once.
      const [roots, ...rows] = await Promise.all([read(), ...this.#childRows(keys, reading)])
      return this.#aggregates(roots, rows)
    }
    const roots = await read()
    if (roots.length === 0) return []
    const { key } = this.#mapping
    const rows = await Promise.all(
      this.#childRows(
        roots.map(root => root[key]!),
        reading,
      ),
    )
    return this.#aggregates(roots, rows)
  }

  async #loadRoots(read: () => Promise<Row[]>): Promise<Aggregate[]> {
    const { table, codecs, fromRows } = this.#mapping
    const codec = codecs[table]
    const roots = await read()
    const aggregates = new Array<Aggregate>(roots.length)
    for (let i = 0; i < roots.length; i++) {
      const root = roots[i]!
      const aggregate = fromRows(decodeRow(table, root, codec), {})
      this.#memory.loaded(aggregate, this.#snapshot(root, noChildren))
      aggregates[i] = aggregate
    }
    return aggregates
  }

  /**
   * Children are locked as well: they are only written after their root, so nobody holds them for long, and an engine that reads
   * from a snapshot shows their latest state to a locking read alone.
   */
  #childRows(keys: readonly SqlValue[], reading: Reading): Promise<Row[]>[] {
    return this.#children.map(child => child.read(keys, reading))
  }

  readonly #alone = ({ root, children }: Family): Aggregate[] =>
    root ? [this.#aggregate(root, [children])] : []

  #aggregates(roots: readonly Row[], rows: readonly (readonly Row[])[]): Aggregate[] {
    const { key, children } = this.#mapping
    const families = rows.map((own, i) => grouped(own, children[i]!.foreignKey))
    return roots.map(root => {
      const id = keyOf(root, [key])
      return this.#aggregate(
        root,
        families.map(family => family.get(id) ?? []),
      )
    })
  }

  #aggregate(root: Row, own: readonly (readonly Row[])[]): Aggregate {
    const { table, codecs, children, fromRows } = this.#mapping
    const decoded: Record<string, readonly object[]> = {}
    for (let i = 0; i < children.length; i++) {
      const child = children[i]!.table
      const codec = codecs[child]
      decoded[child] = codec ? own[i]!.map(row => decodeRow(child, row, codec)) : own[i]!
    }
    const aggregate = fromRows(decodeRow(table, root, codecs[table]), decoded)
    const byKey = own.map((rows, i) => () => new Map(rows.map(row => [keyOf(row, children[i]!.key), row])))
    this.#memory.loaded(aggregate, this.#snapshot(root, byKey))
    return aggregate
  }

  #snapshot(root: Row, children: Snapshot['children']): Snapshot {
    const { version, softDelete } = this.#mapping
    return {
      version: root[version] as number,
      deleted: softDelete !== undefined && root[softDelete] !== null,
      root,
      children,
    }
  }

  #key(id: unknown): SqlValue {
    const { table, key, codecs } = this.#mapping
    const root: TableSchema = this.#schemas.root
    const stored = encodeValue(root, key, id, codecs[table]?.[key])
    root.checkComparable(key, stored)
    return stored
  }

  #checkLockable(): void {
    if (this.#database.inTransaction() && !this.#database.isReadOnly()) return
    throw new InfrastructureError(
      'precondition_failed',
      'A lock lasts as long as the unit of work that may write. Read with `lock` inside of `run`, without `readOnly`.',
    )
  }
}

function grouped(rows: readonly Row[], column: string): Map<string | number, Row[]> {
  const groups = new Map<string | number, Row[]>()
  for (const row of rows) {
    const key = keyOf(row, [column])
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return groups
}
