import type { Database } from '../persistence/database.ts'

/** What jobs need of the application's units of work. A `Database` is one. */
export type Units = Pick<Database, 'run' | 'inTransaction' | 'beforeCommit' | 'afterCommit' | 'onCommit'>

/**
 * The units of a store that cannot take part in any: what it is told is done at once. It still knows when the caller is inside of one of
 * `database`, so that what would have to wait for its commit is refused. `onCommit` is how the store tells of what others have enqueued.
 */
export function apartFrom(database: Database | undefined, onCommit: Units['onCommit']): Units {
  return {
    run: work => work(),
    inTransaction: () => database?.inTransaction() ?? false,
    beforeCommit: (sink, items) => sink(items),
    afterCommit: hook => void hook(),
    onCommit,
  }
}
