import type { Database } from '../database.ts'
import type { Mapping, SoftDeleteMapping } from '../mapping.ts'
import { MappedRepository, type RepositoryOptions } from './mapped-repository.ts'
import { SoftDeletingRepository } from './soft-deleting-repository.ts'

type Name<T> = keyof T & string
type RepositoryClass<Repository> = new (database: Database, options?: RepositoryOptions) => Repository

/**
 * The repository of a mapping, to be used as it is or extended by queries of its own.
 *
 * @example
 * class SqlCartRepository extends SqlRepository(carts) implements CartRepository {
 *   openFor(customer: string) {
 *     return this.findOne(query => query.where('customer', '=', customer).where('status', '=', 'open'))
 *   }
 * }
 * const repository = new SqlCartRepository(database)
 */
export function SqlRepository<Tables, Table extends Name<Tables>, Id, Aggregate extends object>(
  mapping: SoftDeleteMapping<Tables, Table, Id, Aggregate>,
): RepositoryClass<SoftDeletingRepository<Tables, Table, Id, Aggregate>>
export function SqlRepository<Tables, Table extends Name<Tables>, Id, Aggregate extends object>(
  mapping: Mapping<Tables, Table, Id, Aggregate>,
): RepositoryClass<MappedRepository<Tables, Table, Id, Aggregate>>
export function SqlRepository<Tables, Table extends Name<Tables>, Id, Aggregate extends object>(
  mapping: Mapping<Tables, Table, Id, Aggregate>,
): RepositoryClass<MappedRepository<Tables, Table, Id, Aggregate>> {
  if (mapping.softDelete === undefined) {
    return class extends MappedRepository<Tables, Table, Id, Aggregate> {
      constructor(database: Database, options?: RepositoryOptions) {
        super(database, mapping, options)
      }
    }
  }
  return class extends SoftDeletingRepository<Tables, Table, Id, Aggregate> {
    constructor(database: Database, options?: RepositoryOptions) {
      super(database, mapping, options)
    }
  }
}
