import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import { rowKey } from '../persistence/row-key.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Fence } from '../ports/locks.ts'
import { migrations, namespace } from './drivers/sql/tables.ts'

/**
 * A fence for what is written to `database`, whichever engine holds the locks. Its row is locked until the unit of work ends, so of
 * two holders that write at once one waits, and is refused if its token is the lower one.
 *
 * @example
 * const fence = await databaseFence(database)
 * await locks.with('prices', async ({ token }) =>
 *   database.run(async () => {
 *     await fence.pass('prices', token)
 *     await prices.replace(fresh)
 *   }),
 * )
 */
export async function databaseFence(database: Database): Promise<Fence> {
  await database.migrate(namespace, migrations)
  return {
    async pass(resource, token) {
      const key = rowKey(resource)
      const raise = () =>
        database.execute('UPDATE portolan_fence SET token = ? WHERE resource = ? AND token < ?', [
          token,
          key,
          token,
        ])
      if ((await raise()) > 0) return
      if (await insertIfAbsent(database, 'portolan_fence', { resource: key, token })) return
      // Locked, also where it stays as it is: MySQL would otherwise read it as it was when the transaction began.
      const [row] = await database.query<{ token: number }>(
        `SELECT token FROM portolan_fence WHERE resource = ?${database.grammar.forUpdate}`,
        [key],
      )
      // Another unit of work may have made the row in between.
      if (row!.token === token || (row!.token < token && (await raise()) > 0)) return
      throw new InfrastructureError(
        'precondition_failed',
        `Somebody with a newer lock has written to '${resource}'. Nothing of this unit of work may be written.`,
        { details: { resource, token } },
      )
    },
  }
}
