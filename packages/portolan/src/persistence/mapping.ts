import type { Selectable } from 'kysely'
import type { Codec } from './codecs.ts'
import type { DomainEvent } from './database.ts'

type Name<T> = keyof T & string

/** The rows of a table that belong to an aggregate and to nobody else. */
export interface ChildTable<Row> {
  /** The column that holds the key of the root. The mapping fills it in. */
  readonly foreignKey: Name<Row>
  /** Tells the rows of one aggregate apart; several columns may do so together. */
  readonly key: Name<Row> | readonly Name<Row>[]
  /** The order in which they are loaded. Default: the key. */
  readonly orderBy?: Name<Row>
}

export type ChildTables<Tables> = { readonly [C in Name<Tables>]?: ChildTable<Tables[C]> }

/** Codecs of columns, for each table. */
export type ColumnCodecs<Tables> = {
  readonly [T in Name<Tables>]?: {
    readonly [C in Name<Tables[T]>]?: CodecOf<
      NonNullable<Selectable<Tables[T]>[C & keyof Selectable<Tables[T]>]>
    >
  }
}

/** Some codec that stores what the column holds. */
interface CodecOf<Stored> {
  encode(value: never): Stored
  decode(stored: never): unknown
}

/** A row as the mapping sees it: columns with a codec hold the application's value. */
export type MappedRow<Tables, Table extends Name<Tables>, Codecs> = {
  readonly [C in keyof Selectable<Tables[Table]>]: Table extends keyof Codecs
    ? C extends keyof Codecs[Table]
      ? Codecs[Table][C] extends { decode(stored: never): infer Value }
        ? Value | Extract<Selectable<Tables[Table]>[C], null>
        : Selectable<Tables[Table]>[C]
      : Selectable<Tables[Table]>[C]
    : Selectable<Tables[Table]>[C]
}

/** The rows of the children that were loaded with a root, by table. */
export type MappedChildren<Tables, Children, Codecs> = {
  readonly [C in keyof Children & Name<Tables>]: readonly MappedRow<Tables, C, Codecs>[]
}

/** The rows that an aggregate stands for. `Kept` are the columns of the root that the repository keeps. */
export type MappedRows<Tables, Table extends Name<Tables>, Children, Codecs, Kept extends string> = {
  readonly root: Omit<MappedRow<Tables, Table, Codecs>, Kept>
} & {
  readonly [C in keyof Children & Name<Tables>]: readonly Omit<
    MappedRow<Tables, C, Codecs>,
    Children[C] extends { readonly foreignKey: infer F extends string } ? F : never
  >[]
}

/** The columns of a table that hold `Value`, perhaps among others of `Allowed`. */
type Holding<Tables, Table extends Name<Tables>, Value, Allowed> = {
  [C in Name<Selectable<Tables[Table]>>]: [Value] extends [Selectable<Tables[Table]>[C]]
    ? Selectable<Tables[Table]>[C] extends Allowed
      ? C
      : never
    : never
}[Name<Selectable<Tables[Table]>>]

/** Columns that tell who changed a root, and when. The repository writes them; `toRows` leaves them out. */
export interface AuditColumns<Tables, Table extends Name<Tables>> {
  /** Milliseconds since the epoch, as `instant` stores them. */
  readonly createdAt?: Holding<Tables, Table, number, number | null>
  readonly updatedAt?: Holding<Tables, Table, number, number | null>
  /** Whom the `actor` of the repository names; NULL when it names nobody. */
  readonly createdBy?: Holding<Tables, Table, string, string | null>
  readonly updatedBy?: Holding<Tables, Table, string, string | null>
}

/** A column that holds when its row was deleted, in milliseconds since the epoch, and NULL before. */
export type DeletedColumn<Tables, Table extends Name<Tables>> = Holding<
  Tables,
  Table,
  number | null,
  number | null
>

/** Where no column is called `version`, the one that counts changes must be named. */
type NamedVersion<Row, Version> = 'version' extends keyof Row ? unknown : { readonly version: Version }

type NoOthers<Given, Allowed> = { readonly [K in Exclude<keyof Given, keyof Allowed>]: never }

/** Refuses columns and children that are not in `Allowed`: the compiler looks for them in plain literals only. */
type NoOtherColumns<Rows, Allowed> = {
  readonly [T in keyof Rows]: T extends keyof Allowed
    ? Allowed[T] extends readonly (infer Row)[]
      ? Rows[T] extends readonly (infer Given)[]
        ? readonly (Given & NoOthers<Given, Row>)[]
        : never
      : Rows[T] & NoOthers<Rows[T], Allowed[T]>
    : never
}

export interface MappingDefinition<
  Tables,
  Table extends Name<Tables>,
  Key extends Name<Tables[Table]>,
  Version extends Name<Tables[Table]>,
  Deleted extends string,
  Audit,
  Children,
  Codecs,
  Aggregate,
  Rows,
> {
  readonly table: Table
  /** The column of the aggregate's identity. */
  readonly key: Key
  /** The column that counts changes. Default `version`. */
  readonly version?: Version
  /**
   * Deleting sets this column and keeps the rows, which are then left out of everything that is read unless it asks for them
   * (`includeDeleted`). A unique index that deleted rows must not fill up needs `WHERE … IS NULL`, where the engine has that.
   */
  readonly softDelete?: Deleted
  readonly audit?: Audit & NoOthers<Audit, AuditColumns<Tables, Table>>
  readonly children?: Children & NoOthers<Children, Tables>
  readonly codecs?: Codecs & NoOthers<Codecs, Tables>
  /** The rows that the aggregate stands for now: the root without what the repository keeps, children without their foreign key. */
  readonly toRows: (
    aggregate: Aggregate,
  ) => Rows &
    NoOtherColumns<Rows, MappedRows<Tables, Table, Children, Codecs, Version | Deleted | Values<Audit>>>
  /** The aggregate that was stored as these rows. */
  readonly fromRows: (
    row: MappedRow<Tables, Table, Codecs>,
    children: MappedChildren<Tables, Children, Codecs>,
  ) => NoInfer<Aggregate>
  /**
   * What happened to the aggregate since it was loaded. It is only looked at: an event goes to the database's sink once, with the
   * first commit that saves it, whether or not the aggregate forgets it afterwards.
   */
  readonly events?: (aggregate: NoInfer<Aggregate>) => readonly DomainEvent[]
}

type Values<T> = T[keyof T] & string

/** How an aggregate and its rows become one another; what `SqlRepository` works from. */
export interface Mapping<Tables, Table extends Name<Tables>, Id, Aggregate> {
  readonly table: Table
  readonly key: string
  readonly version: string
  readonly softDelete: string | undefined
  readonly audit: { readonly [stamp in Stamp]?: string | undefined }
  readonly children: readonly MappedChild[]
  readonly codecs: { readonly [table: string]: RowCodecs | undefined }
  readonly toRows: (aggregate: Aggregate) => { readonly [table: string]: unknown }
  readonly fromRows: (row: object, children: { readonly [table: string]: readonly object[] }) => Aggregate
  readonly events: ((aggregate: Aggregate) => readonly DomainEvent[]) | undefined
  /** Types alone; never there. */
  readonly types?: { readonly tables: Tables; readonly id: Id }
}

/** What a repository needs to know of a mapping. */
export type AnyMapping<Aggregate> = Mapping<never, never, unknown, Aggregate>

/** A mapping whose deleted rows are kept. */
export interface SoftDeleteMapping<Tables, Table extends Name<Tables>, Id, Aggregate>
  extends Mapping<Tables, Table, Id, Aggregate> {
  readonly softDelete: string
}

export type Stamp = 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'

export interface MappedChild {
  readonly table: string
  readonly foreignKey: string
  readonly key: readonly string[]
  readonly orderBy: readonly string[]
}

export type RowCodecs = { readonly [column: string]: Codec | undefined }

/**
 * Maps an aggregate to a row and the rows of its children. The aggregate knows nothing of it.
 *
 * @example
 * const carts = mapping<ShopTables>()({
 *   table: 'carts',
 *   key: 'id',
 *   children: { cart_lines: { foreignKey: 'cart_id', key: 'sku' } },
 *   codecs: { carts: { opened_at: instant } },
 *   toRows: (cart: Cart) => ({
 *     root: { id: cart.id, customer: cart.customer, opened_at: cart.openedAt },
 *     cart_lines: cart.lines.map(({ sku, quantity }) => ({ sku, quantity })),
 *   }),
 *   fromRows: (row, { cart_lines }) => Cart.restore({ ...row, lines: cart_lines }),
 *   events: cart => cart.events,
 * })
 */
export function mapping<Tables>() {
  return <
    Table extends Name<Tables>,
    Key extends Name<Tables[Table]>,
    Aggregate extends object,
    const Rows extends MappedRows<Tables, Table, Children, Codecs, Version | Deleted | Values<Audit>>,
    const Children extends ChildTables<Tables> = object,
    const Codecs extends ColumnCodecs<Tables> = object,
    Version extends Name<Tables[Table]> = 'version' & Name<Tables[Table]>,
    Deleted extends DeletedColumn<Tables, Table> = never,
    const Audit extends AuditColumns<Tables, Table> = object,
  >(
    definition: MappingDefinition<
      Tables,
      Table,
      Key,
      Version,
      Deleted,
      Audit,
      Children,
      Codecs,
      Aggregate,
      Rows
    > &
      NamedVersion<Tables[Table], Version>,
  ): MappingOf<
    Deleted,
    Tables,
    Table,
    MappedRow<Tables, Table, Codecs>[Key & keyof Selectable<Tables[Table]>],
    Aggregate
  > => {
    const children = Object.entries(
      (definition.children ?? {}) as Record<string, ChildTable<Record<string, unknown>>>,
    )
    const mapped: Mapping<Tables, Table, unknown, Aggregate> = {
      table: definition.table,
      key: definition.key,
      version: definition.version ?? 'version',
      softDelete: definition.softDelete,
      audit: definition.audit ?? {},
      children: children.map(([table, { foreignKey, key, orderBy }]) => {
        const columns = typeof key === 'string' ? [key] : key
        return { table, foreignKey, key: columns, orderBy: orderBy ? [orderBy] : columns }
      }),
      codecs: (definition.codecs ?? {}) as Mapping<Tables, Table, unknown, Aggregate>['codecs'],
      toRows: definition.toRows as Mapping<Tables, Table, unknown, Aggregate>['toRows'],
      fromRows: definition.fromRows as unknown as Mapping<Tables, Table, unknown, Aggregate>['fromRows'],
      events: definition.events,
    }
    return mapped as never
  }
}

type MappingOf<Deleted, Tables, Table extends Name<Tables>, Id, Aggregate> = [Deleted] extends [never]
  ? Mapping<Tables, Table, Id, Aggregate>
  : SoftDeleteMapping<Tables, Table, Id, Aggregate>
