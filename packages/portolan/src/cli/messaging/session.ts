import { MessagingOperator } from '../../messaging/operator.ts'
import { migrations, namespace } from '../../messaging/tables.ts'
import type { Terminal } from '../command.ts'
import { connect } from '../database.ts'
import { requireTables } from '../tables.ts'

/** Calls `work` with the messaging of a database. @throws InfrastructureError `precondition_failed` when it has no tables of it. */
export async function withMessaging<T>(
  url: string | undefined,
  terminal: Terminal,
  work: (operator: MessagingOperator) => Promise<T>,
): Promise<T> {
  await using database = await connect(url, terminal, { absent: 'refused' })
  await requireTables(database, 'messaging', namespace, migrations)
  return await work(new MessagingOperator(database))
}
