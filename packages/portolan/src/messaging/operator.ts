import type { Database } from '../persistence/database.ts'
import { leaseClock } from '../persistence/lease-clock.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { together } from './backlogs.ts'
import { Bindings } from './bindings.ts'
import { DeadMessages } from './dead-messages.ts'
import type { Backlog, WireMessage } from './driver.ts'
import type { BulkOptions, LetterFilter, MessageLetter } from './letters.ts'
import { Outbox } from './outbox.ts'
import { type PausedGroup, Pauses } from './pauses.ts'
import { Deliveries, type DeliveryTable } from './stored/deliveries.ts'

/** A process that moves the outbox to the broker. */
export interface RelayMember {
  readonly member: string
  /** Shards that it owns. */
  readonly shards: number
}

/** A group, as the tables tell of it. */
export interface GroupStatus {
  readonly group: string
  /** The message types that it subscribed to. */
  readonly types: readonly string[]
  readonly pausedSince: Date | undefined
  /** What waits for it in this database. */
  readonly waiting: number
  readonly oldest: Date | undefined
}

/** How messaging stands, as its tables tell it. */
export interface OutboxStatus {
  /** Messages that no broker has confirmed yet. */
  readonly waiting: number
  readonly oldest: Date | undefined
  /** Messages whose time has not come. */
  readonly delayed: number
  /** What waits in this database for each group: of the database broker, or to be tried again. */
  readonly groups: readonly Backlog[]
  readonly paused: readonly PausedGroup[]
  readonly dead: number
  /** Those that answer. None where the broker is the database itself, or nobody runs. */
  readonly relays: readonly RelayMember[]
}

/**
 * What a person does about the messaging of an application from outside of it, by its database alone: the application may run or
 * not. The tables must be there.
 */
export class MessagingOperator {
  readonly #database: Database
  readonly #surroundings: Surroundings
  readonly #dead: DeadMessages
  readonly #pauses: Pauses

  constructor(database: Database, given: Partial<Surroundings> = {}) {
    this.#database = database
    this.#surroundings = surroundings(given)
    this.#pauses = new Pauses(database, this.#surroundings.clock)
    this.#dead = new DeadMessages(database, messages => this.#send(messages), this.#surroundings)
  }

  async status(): Promise<OutboxStatus> {
    const { waiting, oldest } = await new Outbox(this.#database, this.#surroundings.clock).status()
    const [delayed] = await this.#database.query<{ waiting: number }>(
      'SELECT COUNT(*) AS waiting FROM portolan_messaging_delayed',
    )
    return {
      ...{ waiting, oldest, delayed: delayed?.waiting ?? 0, groups: await this.#backlog() },
      ...{ paused: await this.#pauses.list(), dead: await this.#dead.count(), relays: await this.#relays() },
    }
  }

  async groups(): Promise<GroupStatus[]> {
    const bindings = new Bindings(this.#database)
    const [paused, backlog] = [await this.#pauses.list(), await this.#backlog()]
    const names = new Set([await bindings.groups(), paused, backlog].flat().map(nameOf))
    return Promise.all(
      [...names].sort().map(async group => {
        const waiting = backlog.find(one => one.group === group)
        return {
          group,
          types: await bindings.topicsOf(group),
          pausedSince: paused.find(one => one.group === group)?.since,
          waiting: waiting?.waiting ?? 0,
          oldest: waiting?.oldest,
        }
      }),
    )
  }

  /** In all processes, within about a second. All of them or none. @throws InfrastructureError `not_found`. */
  pause(groups: readonly string[]): Promise<void> {
    return this.#database.run(async () => {
      for (const group of groups) await this.#pauses.add(group)
    })
  }

  /** In all processes, within about a second. All of them or none. @throws InfrastructureError `not_found`. */
  resume(groups: readonly string[]): Promise<void> {
    return this.#database.run(async () => {
      for (const group of groups) await this.#pauses.remove(group)
    })
  }

  letters(filter: LetterFilter & { readonly limit?: number }): Promise<MessageLetter[]> {
    return this.#dead.list(filter)
  }

  /** @throws InfrastructureError `not_found`. */
  letter(id: string): Promise<MessageLetter> {
    return this.#dead.get(id)
  }

  /** Sends them on their way again. @throws InfrastructureError `not_found`. */
  async replay(ids: readonly string[]): Promise<number> {
    for (const id of ids) await this.#dead.replay(id)
    return ids.length
  }

  /** Resolves with their number. */
  replayAll(filter: LetterFilter, options: BulkOptions): Promise<number> {
    return this.#dead.replayAll(filter, options)
  }

  /** Deletes them for good. @throws InfrastructureError `not_found`. */
  async discard(ids: readonly string[]): Promise<number> {
    for (const id of ids) await this.#dead.discard(id)
    return ids.length
  }

  /** Resolves with their number. */
  discardAll(filter: LetterFilter, options: BulkOptions): Promise<number> {
    return this.#dead.discardAll(filter, options)
  }

  /**
   * To where the application that runs will find them; one that starts takes over what waits for the database broker, whatever its
   * broker is.
   */
  async #send(messages: readonly WireMessage[]): Promise<void> {
    const toAll = messages.filter(({ group }) => group === undefined)
    await new Outbox(this.#database, this.#surroundings.clock).add(toAll)
    const table =
      (await this.#relays()).length > 0 ? 'portolan_messaging_retry' : 'portolan_messaging_delivery'
    await this.#deliveries(table).add(messages.filter(({ group }) => group !== undefined))
  }

  async #backlog(): Promise<Backlog[]> {
    const tables = ['portolan_messaging_delivery', 'portolan_messaging_retry'] as const
    return together((await Promise.all(tables.map(table => this.#deliveries(table).backlog()))).flat())
  }

  #deliveries(table: DeliveryTable): Deliveries {
    return new Deliveries(this.#database, table, this.#surroundings.clock)
  }

  #relays(): Promise<RelayMember[]> {
    const now = leaseClock(this.#database, this.#surroundings.clock)
    return this.#database.query<RelayMember>(
      `SELECT member, (SELECT COUNT(*) FROM portolan_messaging_shard AS shard
         WHERE shard.scope = member.scope AND shard.owner = member.member) AS shards
       FROM portolan_messaging_member AS member WHERE scope = 'outbox' AND lease_until >= ${now.sql} ORDER BY member`,
      now.parameters,
    )
  }
}

function nameOf(one: string | { readonly group: string }): string {
  return typeof one === 'string' ? one : one.group
}
