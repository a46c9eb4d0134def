import type { Database } from '../../persistence/database.ts'
import { insertIfAbsent } from '../../persistence/insert-if-absent.ts'
import type { SqlRow } from '../../persistence/sql-value.ts'
import { InfrastructureError } from '../../ports/errors.ts'
import type { SagaPage, SagaStatus } from '../../ports/sagas.ts'
import { prune } from '../pruning.ts'

const table = 'portolan_messaging_saga'
const columns =
  'id, version, status, state_version, state, steps, timeouts, reason, started_at, ended_at, saga, saga_key'

/** A saga as its row has it. */
export interface StoredSaga {
  readonly saga: string
  readonly key: string
  readonly id: string
  readonly status: SagaStatus
  readonly stateVersion: number
  /** JSON. */
  readonly state: string
  readonly steps: readonly string[]
  /** The timeouts that are wanted, each with the token of the message that may still bring it. */
  readonly timeouts: Readonly<Record<string, string>>
  readonly reason: string | null
  readonly startedAt: number
  readonly endedAt: number | null
}

/** With the number of its changes, by which a change of somebody else is noticed. */
export type LoadedSaga = StoredSaga & { readonly version: number }

type SagaRow = Readonly<
  Record<'saga' | 'saga_key' | 'id' | 'state' | 'steps' | 'timeouts', string> &
    Record<'version' | 'state_version' | 'started_at', number>
> & { readonly status: SagaStatus; readonly reason: string | null; readonly ended_at: number | null }

/** The state of sagas in the application's database. Everything joins the unit of work in progress. */
export class SagaStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** `lock`: whoever else wants to change it waits. */
  async find(
    saga: string,
    key: string,
    { lock }: { readonly lock: boolean },
  ): Promise<LoadedSaga | undefined> {
    const [row] = await this.#database.query<SagaRow>(
      `SELECT ${columns} FROM ${table} WHERE saga = ? AND saga_key = ?${lock ? this.#database.grammar.forUpdate : ''}`,
      [saga, key],
    )
    return row && fromRow(row)
  }

  async list(saga: string, { status, limit = 100, after }: SagaPage): Promise<LoadedSaga[]> {
    const rows = await this.#database.query<SagaRow>(
      `SELECT ${columns} FROM ${table} WHERE saga = ? AND saga_key > ? ${status ? 'AND status = ? ' : ''}ORDER BY saga_key LIMIT ?`,
      [saga, after ?? '', ...(status ? [status] : []), limit],
    )
    return rows.map(fromRow)
  }

  /** @throws InfrastructureError `conflict`, to be tried again now, when there is one of its key already. */
  async insert(saga: StoredSaga): Promise<void> {
    if (!(await insertIfAbsent(this.#database, table, toRow(saga, 1)))) throw conflict(saga)
  }

  /** @throws InfrastructureError `conflict`, to be tried again now, when `before` is not how it stands any more. */
  async replace(before: LoadedSaga, saga: StoredSaga): Promise<void> {
    const { saga: _, saga_key: __, ...row } = toRow(saga, before.version + 1)
    const changed = await this.#database.execute(
      `UPDATE ${table} SET ${Object.keys(row)
        .map(column => `${column} = ?`)
        .join(', ')} WHERE saga = ? AND saga_key = ? AND id = ? AND version = ?`,
      [...Object.values(row), saga.saga, saga.key, before.id, before.version],
    )
    if (changed === 0) throw conflict(saga)
  }

  /** Deletes up to `limit` that ended before; resolves with their number. */
  prune(before: number, limit: number): Promise<number> {
    // By their own ids, too: one that was started again for the same key is another one.
    return prune(this.#database, { table, key: ['saga', 'saga_key', 'id'], time: 'ended_at', before, limit })
  }
}

function toRow(saga: StoredSaga, version: number): SqlRow {
  return {
    saga: saga.saga,
    saga_key: saga.key,
    id: saga.id,
    version,
    status: saga.status,
    state_version: saga.stateVersion,
    state: saga.state,
    steps: JSON.stringify(saga.steps),
    timeouts: JSON.stringify(saga.timeouts),
    reason: saga.reason,
    started_at: saga.startedAt,
    ended_at: saga.endedAt,
  }
}

function fromRow(row: SagaRow): LoadedSaga {
  return {
    saga: row.saga,
    key: row.saga_key,
    id: row.id,
    version: row.version,
    status: row.status,
    stateVersion: row.state_version,
    state: row.state,
    steps: JSON.parse(row.steps),
    timeouts: JSON.parse(row.timeouts),
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}

function conflict({ saga, key }: StoredSaga): InfrastructureError {
  return new InfrastructureError(
    'conflict',
    `Somebody else has changed the saga '${saga}' of ${JSON.stringify(key)} meanwhile.`,
    { retry: 'now' },
  )
}
