import { InfrastructureError } from '../../ports/errors.ts'
import { insertIfAbsent } from '../insert-if-absent.ts'
import type { MigratorContext } from './context.ts'
import type { Recorded } from './history.ts'

/** The longest pause between two attempts to get the lock. */
const pauseMs = 250

/**
 * Runs `work` in a transaction that alone may change the history of the namespace, and hands it what is recorded now. The lock is
 * that of a row, so it goes with the transaction whatever happens to its process, and it holds through any pool of connections.
 * Engines give up waiting for a lock after a time of their own; this waits on, as long as the context says.
 */
export async function locked<T>(
  context: MigratorContext,
  work: (recorded: Recorded) => Promise<T>,
): Promise<T> {
  const { database, namespace, history, signal } = context
  let acquired = false
  return patiently(
    context,
    async () => {
      await insertIfAbsent(database, 'portolan_migration_locks', { namespace, taken: 0 })
      return database.run(
        async () => {
          await database.execute(
            'UPDATE portolan_migration_locks SET taken = taken + 1 WHERE namespace = ?',
            [namespace],
          )
          acquired = true
          return work(await history.read())
        },
        // What others committed while this one waited must be seen.
        { isolation: 'read_committed', ...(signal ? { signal } : {}) },
      )
    },
    () => !acquired,
  )
}

/** Calls `operation` again while it fails for a reason that passes, and `may` allows it. */
export async function patiently<T>(
  { surroundings, waitMs, signal, namespace }: MigratorContext,
  operation: () => Promise<T>,
  may: () => boolean = () => true,
): Promise<T> {
  const { clock, random, logger } = surroundings
  const giveUpAt = clock.monotonic() + waitMs
  for (;;) {
    try {
      return await operation()
    } catch (error) {
      const passes = InfrastructureError.is(error) && error.retry !== 'never' && may()
      if (!passes || clock.monotonic() >= giveUpAt) throw error
      logger.info('Waits for the lock of the migrations.', { namespace })
      await clock.sleep(random.next() * pauseMs, signal)
    }
  }
}
