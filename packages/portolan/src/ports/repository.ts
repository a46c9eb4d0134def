/** A page of a listing. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Give it as `after` for the next page; absent on the last. Opaque; stable while rows come and go. */
  readonly next?: string
}

/** How to find aggregates. */
export interface FindOptions {
  /**
   * `update`: nobody else changes or locks what is read until the unit of work ends; whoever tries waits. Several are locked in the
   * order of their keys. Rejects with `precondition_failed` outside of a unit of work, and in a read-only one.
   */
  readonly lock?: 'update'
}

/** Stored aggregates of one kind. Everything joins the unit of work in progress. */
export interface Repository<Aggregate, Id> {
  /** `undefined` when there is none. */
  find(id: Id, options?: FindOptions): Promise<Aggregate | undefined>
  /** Rejects with `not_found` when there is none. */
  get(id: Id, options?: FindOptions): Promise<Aggregate>
  /** Those that exist, in no particular order; loaded with one query a table. */
  findMany(ids: readonly Id[], options?: FindOptions): Promise<Aggregate[]>
  /**
   * Inserts what is new, updates what was loaded here. Rejects with `already_exists` when the id is taken, with `conflict` when
   * somebody else changed it since it was loaded, and with `invalid_argument` when a value cannot be stored; `details` names its
   * table and column. Its events are published with the commit.
   */
  save(aggregate: Aggregate): Promise<void>
  /** `save` for many, in few statements. All or nothing. */
  saveMany(aggregates: readonly Aggregate[]): Promise<void>
  /** Deletes it with its children. Rejects with `conflict` when it was changed or deleted meanwhile. */
  delete(aggregate: Aggregate): Promise<void>
  /** `delete` for many, in few statements. All or nothing. */
  deleteMany(aggregates: readonly Aggregate[]): Promise<void>
}
