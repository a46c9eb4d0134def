import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Clock } from '../ports/time.ts'
import { unknownText } from '../runtime/spelling.ts'
import { Bindings } from './bindings.ts'

const table = 'portolan_messaging_pause'

/** A group that takes nothing until it is resumed. */
export interface PausedGroup {
  readonly group: string
  readonly since: Date
}

/** Which groups are paused, for all processes and until somebody resumes them. */
export class Pauses {
  readonly #database: Database
  readonly #clock: Clock
  readonly #bindings: Bindings

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
    this.#bindings = new Bindings(database)
  }

  /** Idempotent. @throws InfrastructureError `not_found` for a group that never subscribed to anything. */
  async add(group: string): Promise<void> {
    await this.#require(group)
    await insertIfAbsent(this.#database, table, {
      consumer_group: group,
      paused_at: Math.floor(this.#clock.now()),
    })
  }

  /** Idempotent. @throws InfrastructureError `not_found` as above. */
  async remove(group: string): Promise<void> {
    const removed = await this.#database.execute(`DELETE FROM ${table} WHERE consumer_group = ?`, [group])
    if (removed === 0) await this.#require(group)
  }

  async list(): Promise<PausedGroup[]> {
    const rows = await this.#database.query<{ consumer_group: string; paused_at: number }>(
      `SELECT consumer_group, paused_at FROM ${table} ORDER BY consumer_group`,
    )
    return rows.map(({ consumer_group, paused_at }) => ({
      group: consumer_group,
      since: new Date(paused_at),
    }))
  }

  async #require(group: string): Promise<void> {
    const groups = await this.#bindings.groups()
    if (groups.includes(group)) return
    throw new InfrastructureError('not_found', unknownText('group', group, groups))
  }
}
