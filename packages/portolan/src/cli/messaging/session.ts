import { MessagingOperator } from '../../messaging/operator.ts'
import { migrations, namespace } from '../../messaging/tables.ts'
import { InfrastructureError } from '../../ports/errors.ts'
import type { Terminal } from '../command.ts'
import { connect } from '../database.ts'

/**
 * Calls `work` with the messaging of a database.
 *
 * @throws InfrastructureError `precondition_failed` when the database has no tables of it, or older ones than this library needs.
 */
export async function withMessaging<T>(
  url: string | undefined,
  terminal: Terminal,
  work: (operator: MessagingOperator) => Promise<T>,
): Promise<T> {
  await using database = await connect(url, terminal)
  const statuses = await database.migrator(namespace, migrations).status()
  const applied = statuses.filter(({ state }) => state === 'applied').length
  if (applied < migrations.length) {
    throw new InfrastructureError(
      'precondition_failed',
      `${applied === 0 ? 'This database has no tables of messaging.' : 'The tables of messaging are of an older version.'} ` +
        `An application makes them when it starts; so does 'portolan migrate up --namespace ${namespace}'.`,
    )
  }
  return await work(new MessagingOperator(database))
}
