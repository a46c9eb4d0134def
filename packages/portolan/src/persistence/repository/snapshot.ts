import { InfrastructureError } from '../../ports/errors.ts'
import type { AnyMapping, MappedChild, RowCodecs } from '../mapping.ts'
import type { MappedSchemas } from './mapped-schemas.ts'
import { changedColumns, encodeRow, keyOf, type Row } from './rows.ts'
import type { TableSchema } from './table-schema.ts'

/** The rows of an aggregate, as they are (or are about to be) in the database. */
export interface Snapshot {
  readonly version: number
  /** Its rows are kept, but count as deleted. */
  readonly deleted: boolean
  readonly root: Row
  /** In the order of the mapping's children; rows by their key, sorted in when they are asked for: most that is loaded is never saved. */
  readonly children: readonly (() => ReadonlyMap<string | number, Row>)[]
}

/** What has to be written to get from one snapshot to the next. */
export interface Change<Aggregate> {
  readonly aggregate: Aggregate
  /** Undefined for an aggregate that is new. */
  readonly before: Snapshot | undefined
  readonly after: Snapshot
  /** Columns of the root that differ. */
  readonly columns: readonly string[]
  readonly children: readonly ChildChange[]
}

export interface ChildChange {
  readonly added: readonly Row[]
  readonly changed: readonly Row[]
  readonly columns: readonly string[]
  readonly removed: readonly Row[]
}

/** Of an aggregate that is new. */
export const firstVersion = 1

/** What saving `aggregate` has to write, or `undefined` when it is stored like this already. */
export function changeOf<Aggregate>(
  mapping: AnyMapping<Aggregate>,
  schemas: MappedSchemas,
  aggregate: Aggregate,
  before: Snapshot | undefined,
): Change<Aggregate> | undefined {
  if (before?.deleted) {
    throw new InfrastructureError(
      'precondition_failed',
      `What was deleted from '${mapping.table}' cannot be saved. Restore it first.`,
    )
  }
  const rows = mapping.toRows(aggregate)
  const root = encodeRow(schemas.root, rows.root as object, mapping.codecs[mapping.table])
  const children = mapping.children.map((child, i) =>
    childRows(
      child,
      schemas.children[i]!,
      mapping.codecs[child.table],
      rows[child.table],
      root[mapping.key]!,
    ),
  )
  const version = before ? before.version + 1 : firstVersion
  const after: Snapshot = { version, deleted: false, root, children: children.map(rows => () => rows) }
  if (!before) {
    const added = children.map(rows => ({ added: [...rows.values()], changed: [], columns: [], removed: [] }))
    return { aggregate, before, after, columns: [], children: added }
  }
  const columns = changedColumns(before.root, root)
  if (columns.includes(mapping.key)) {
    throw new InfrastructureError(
      'invalid_argument',
      `The key of a stored row of '${mapping.table}' has changed. Save a new aggregate and delete the old one.`,
    )
  }
  const changes = children.map((rows, i) => childChange(before.children[i]!(), rows))
  const unchanged = columns.length === 0 && !changes.some(touches)
  return unchanged ? undefined : { aggregate, before, after, columns, children: changes }
}

/** Whether there is anything to write. */
export function touches({ added, changed, removed }: ChildChange): boolean {
  return added.length > 0 || changed.length > 0 || removed.length > 0
}

function childRows(
  { table, foreignKey, key }: MappedChild,
  schema: TableSchema,
  codecs: RowCodecs | undefined,
  given: unknown,
  rootKey: Row[string],
): Map<string | number, Row> {
  const rows = new Map<string | number, Row>()
  for (const item of given as readonly object[]) {
    const row = encodeRow(schema, item, codecs)
    row[foreignKey] = rootKey
    const identity = keyOf(row, key)
    if (rows.has(identity)) {
      throw new InfrastructureError(
        'invalid_argument',
        `toRows gave two rows of '${table}' with the same ${key.join(', ')}.`,
        { details: { table, columns: key } },
      )
    }
    rows.set(identity, row)
  }
  return rows
}

function childChange(
  before: ReadonlyMap<string | number, Row>,
  after: ReadonlyMap<string | number, Row>,
): ChildChange {
  const added: Row[] = []
  const changed: Row[] = []
  const removed: Row[] = []
  const columns = new Set<string>()
  for (const [key, row] of after) {
    const old = before.get(key)
    if (!old) {
      added.push(row)
      continue
    }
    const differing = changedColumns(old, row)
    if (differing.length === 0) continue
    changed.push(row)
    for (const column of differing) columns.add(column)
  }
  for (const [key, row] of before) if (!after.has(key)) removed.push(row)
  return { added, changed, columns: [...columns], removed }
}
