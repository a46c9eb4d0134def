import { type SelectQueryBuilder, sql } from 'kysely'
import { InfrastructureError } from '../../ports/errors.ts'
import type { FindOptions, Page, Repository } from '../../ports/repository.ts'
import type { Clock } from '../../ports/time.ts'
import { surroundings } from '../../runtime/surroundings.ts'
import type { Database } from '../database.ts'
import type { AnyMapping, Mapping } from '../mapping.ts'
import { AggregateLoader } from './aggregate-loader.ts'
import { AggregateMemory } from './aggregate-memory.ts'
import { AggregateWriter } from './aggregate-writer.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { MappedSchemas } from './mapped-schemas.ts'
import { completeOrder, type Direction } from './page-order.ts'
import { PageQueries } from './page-queries.ts'
import { RootQueries } from './root-queries.ts'
import type { Reading } from './row-reader.ts'
import { type Actor, Stamps } from './stamps.ts'
import type { TableSchema } from './table-schema.ts'

type Name<T> = keyof T & string

/** Narrows a query over the root's table. Columns hold what is stored: encode what you compare them with. */
export type Narrow<Tables, Table extends Name<Tables>> = (
  query: SelectQueryBuilder<Tables, Table, object>,
) => SelectQueryBuilder<Tables, Table, object>

export interface RepositoryOptions {
  /** What tells the time for the columns that the repository keeps. Default: the system's. */
  readonly clock?: Clock
  /** Names who is at work, for `createdBy` and `updatedBy`; asked at each write. Default: nobody. */
  readonly actor?: Actor
}

export interface DeletedOptions {
  /** Also what was deleted and is kept. Default false. */
  readonly includeDeleted?: boolean
}

export interface PageOptions<Row> {
  /** The columns that decide the order, none of which may be NULL. The key is added, so that no two rows are equal. */
  readonly by?: readonly (NeverNull<Row> | readonly [NeverNull<Row>, Direction])[]
  /** Of the columns that name none of their own. Default `asc`. */
  readonly direction?: Direction
  /** The `next` of the page before. */
  readonly after?: string | undefined
  /** Items at most, 1 to 1000. */
  readonly limit: number
}

type NeverNull<Row> = { [C in Name<Row>]: null extends Row[C] ? never : C }[Name<Row>]

const mostInPage = 1_000
const streamedAtOnce = 1_000

/** What `SqlRepository(mapping)` gives to the classes that extend it. */
export class MappedRepository<
  Tables,
  Table extends Name<Tables>,
  Id,
  Aggregate extends object,
  Options extends FindOptions = FindOptions,
> implements Repository<Aggregate, Id>
{
  protected readonly database: Database
  readonly #mapping: AnyMapping<Aggregate>
  readonly #schemas: MappedSchemas
  readonly #loader: AggregateLoader<Aggregate>
  readonly #writer: AggregateWriter<Aggregate>
  readonly #roots: RootQueries<Tables, Table>
  readonly #pages: PageQueries<Tables, Table>

  constructor(
    database: Database,
    mapping: Mapping<Tables, Table, Id, Aggregate>,
    { clock, actor = () => undefined }: RepositoryOptions = {},
  ) {
    this.database = database
    this.#mapping = mapping as unknown as AnyMapping<Aggregate>
    this.#schemas = new MappedSchemas(database, this.#mapping)
    const memory = new AggregateMemory<Aggregate>(database)
    const time = surroundings(clock && { clock }).clock
    const stamps = new Stamps(this.#schemas.root, mapping.audit, time, actor)
    this.#roots = new RootQueries(database, this.#mapping, this.#schemas.root)
    this.#pages = new PageQueries(database, this.#mapping.table, this.#roots)
    this.#loader = new AggregateLoader(database, this.#mapping, this.#schemas, memory)
    this.#writer = new AggregateWriter(database, this.#mapping, this.#schemas, memory, stamps)
  }

  async find(id: Id, options?: Options): Promise<Aggregate | undefined> {
    if (!this.#schemas.known) await this.#schemas.learn()
    const [found] = await this.#loader.byIds([id], readingOf(options))
    return found
  }

  async get(id: Id, options?: Options): Promise<Aggregate> {
    const found = await this.find(id, options)
    if (found) return found
    const { table } = this.#mapping
    throw new InfrastructureError('not_found', `There is no row of '${table}' with the key ${String(id)}.`, {
      details: { table, id },
    })
  }

  async findMany(ids: readonly Id[], options?: Options): Promise<Aggregate[]> {
    if (!this.#schemas.known) await this.#schemas.learn()
    return this.#loader.byIds(ids, readingOf(options))
  }

  save(aggregate: Aggregate): Promise<void> {
    return this.#writer.save([aggregate])
  }

  saveMany(aggregates: readonly Aggregate[]): Promise<void> {
    return this.#writer.save([...new Set(aggregates)])
  }

  delete(aggregate: Aggregate): Promise<void> {
    return this.deleteMany([aggregate])
  }

  deleteMany(aggregates: readonly Aggregate[]): Promise<void> {
    const { softDelete } = this.#mapping
    if (softDelete !== undefined) return this.#writer.mark([...new Set(aggregates)], softDelete, true)
    return this.#writer.remove([...new Set(aggregates)])
  }

  /** `deleteMany`, also where deleted rows are kept otherwise. */
  protected removeMany(aggregates: readonly Aggregate[]): Promise<void> {
    return this.#writer.remove([...new Set(aggregates)])
  }

  /** Takes back that they were deleted. */
  protected restoreMany(aggregates: readonly Aggregate[]): Promise<void> {
    return this.#writer.mark([...new Set(aggregates)], this.#mapping.softDelete!, false)
  }

  /** The first that the query finds. */
  protected async findOne(narrow: Narrow<Tables, Table>, options?: Options): Promise<Aggregate | undefined> {
    const [found] = await this.findAll(query => narrow(query).limit(sql.lit(1)), options)
    return found
  }

  /**
   * All that the query finds, in its order. Give it a limit; for very many take `page` or `stream`. With a lock, rows are locked in
   * that order: leave it out, and they are in the order of their keys.
   */
  protected async findAll(narrow: Narrow<Tables, Table>, options?: Options): Promise<Aggregate[]> {
    const reading = readingOf(options)
    if (!this.#schemas.known) await this.#schemas.learn()
    return this.#loader.load(reading, () => {
      const query = narrow(this.#roots.select(reading))
      return this.#roots.rows(
        reading.lock ? query.orderBy(this.#roots.ref(this.#mapping.key)) : query,
        reading,
      )
    })
  }

  /**
   * A page of what the query finds: those that come after a cursor, so that rows which come and go meanwhile neither repeat nor
   * hide others. The query must not order by itself.
   */
  protected async page(
    {
      by = [],
      direction = 'asc',
      after,
      limit,
      ...options
    }: PageOptions<Tables[Table]> & Omit<Options, 'lock'>,
    narrow?: Narrow<Tables, Table>,
  ): Promise<Page<Aggregate>> {
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= mostInPage)) {
      throw new InfrastructureError('invalid_argument', `limit: give a whole number from 1 to ${mostInPage}.`)
    }
    const { key } = this.#mapping
    const order = completeOrder(by as readonly (string | readonly [string, Direction])[], direction, key)
    const start = after === undefined ? undefined : decodeCursor(after, order)
    const reading = readingOf(options)
    if (!this.#schemas.known) await this.#schemas.learn()
    // A cursor comes from outside: engines differ in what they make of a value of another type.
    const schema: TableSchema = this.#schemas.root
    start?.forEach((value, i) => {
      schema.checkComparable(order[i]!.column, value)
    })
    let next: string | undefined
    const items = await this.#loader.load(reading, async () => {
      const request = { order, start, limit: limit + 1 }
      const rows = narrow
        ? await this.#pages.narrowed(request, reading, narrow)
        : await this.#pages.rows(request, reading)
      const shown = rows.slice(0, limit)
      if (rows.length > limit) next = encodeCursor(shown.at(-1)!, order)
      return shown
    })
    return next === undefined ? { items } : { items, next }
  }

  /**
   * Everything that the query finds, page by page as it is taken: memory stays flat however many there are, and no connection is
   * held for it. Not one snapshot: a row that changes meanwhile may be seen before or after. Outside of a unit of work, the next page
   * is read while this one is taken.
   */
  protected async *stream(
    options?: Omit<PageOptions<Tables[Table]>, 'limit'> & Omit<Options, 'lock'>,
    narrow?: Narrow<Tables, Table>,
  ): AsyncGenerator<Aggregate, void, undefined> {
    const read = (after: string | undefined) =>
      this.page({ ...options!, after, limit: streamedAtOnce }, narrow)
    for (let reading = read(options?.after); ; ) {
      const { items, next } = await reading
      const ahead = next === undefined || this.database.inTransaction() ? undefined : read(next)
      // Told when its turn comes; nobody asks when the caller has had enough.
      ahead?.catch(() => {})
      for (const item of items) yield item
      if (next === undefined) return
      reading = ahead ?? read(next)
    }
  }
}

function readingOf(options: (FindOptions & DeletedOptions) | undefined): Reading {
  if (options === undefined) return plain
  return { lock: options.lock === 'update', deleted: options.includeDeleted === true }
}

const plain: Reading = { lock: false, deleted: false }
