import type { Database } from '../persistence/database.ts'
import { leaseClock } from '../persistence/lease-clock.ts'
import type { DeadLetter } from '../ports/dead-letters.ts'
import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import { DeadMessages, type LetterFilter } from './dead-messages.ts'
import type { Backlog, WireMessage } from './driver.ts'
import { Outbox } from './outbox.ts'
import { Deliveries, type DeliveryTable } from './stored/deliveries.ts'

/** A process that moves the outbox to the broker. */
export interface RelayMember {
  readonly member: string
  /** Shards that it owns. */
  readonly shards: number
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

  constructor(database: Database, given: Partial<Surroundings> = {}) {
    this.#database = database
    this.#surroundings = surroundings(given)
    this.#dead = new DeadMessages(database, messages => this.#send(messages), this.#surroundings)
  }

  async status(): Promise<OutboxStatus> {
    const { waiting, oldest } = await new Outbox(this.#database, this.#surroundings.clock).status()
    const [delayed] = await this.#database.query<{ waiting: number }>(
      'SELECT COUNT(*) AS waiting FROM portolan_messaging_delayed',
    )
    const [delivered, retried] = await Promise.all([
      this.#deliveries('portolan_messaging_delivery').backlog(),
      this.#deliveries('portolan_messaging_retry').backlog(),
    ])
    return {
      ...{ waiting, oldest, delayed: delayed?.waiting ?? 0, groups: [...delivered, ...retried] },
      ...{ dead: await this.#dead.count(), relays: await this.#relays() },
    }
  }

  letters(filter: LetterFilter & { readonly limit?: number }): Promise<DeadLetter[]> {
    return this.#dead.list(filter)
  }

  /** @throws InfrastructureError `not_found`. */
  letter(id: string): Promise<DeadLetter> {
    return this.#dead.get(id)
  }

  /** Sends them on their way again. @throws InfrastructureError `not_found`. */
  async replay(ids: readonly string[]): Promise<number> {
    for (const id of ids) await this.#dead.replay(id)
    return ids.length
  }

  /** Resolves with their number. */
  replayAll(filter: LetterFilter): Promise<number> {
    return this.#dead.replayAll(filter)
  }

  /** Deletes them for good. @throws InfrastructureError `not_found`. */
  async discard(ids: readonly string[]): Promise<number> {
    for (const id of ids) await this.#dead.discard(id)
    return ids.length
  }

  /** Resolves with their number. */
  discardAll(filter: LetterFilter): Promise<number> {
    return this.#dead.discardAll(filter)
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
