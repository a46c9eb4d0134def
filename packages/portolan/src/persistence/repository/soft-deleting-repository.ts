import type { FindOptions } from '../../ports/repository.ts'
import { type DeletedOptions, MappedRepository } from './mapped-repository.ts'

/** The repository of a mapping with `softDelete`: deleting keeps the rows, with their children. */
export class SoftDeletingRepository<
  Tables,
  Table extends keyof Tables & string,
  Id,
  Aggregate extends object,
> extends MappedRepository<Tables, Table, Id, Aggregate, FindOptions & DeletedOptions> {
  /** Takes back that it was deleted. Load it with `includeDeleted`. Rejects with `conflict` when somebody else was quicker. */
  restore(aggregate: Aggregate): Promise<void> {
    return this.restoreMany([aggregate])
  }

  /** Deletes the rows for good, deleted already or not. */
  purge(aggregate: Aggregate): Promise<void> {
    return this.removeMany([aggregate])
  }
}
