import type { Database } from '../persistence/database.ts'
import type { DeadLetters } from '../ports/dead-letters.ts'
import type { Messages, MessageType } from '../ports/messages.ts'
import type { Health, Service } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Backlog, BrokerDriver } from './driver.ts'

export interface MessagingOptions extends Partial<Surroundings> {
  /** The application's database: messages are published and handled with its commits. */
  readonly database: Database
  /** Which application publishes; CloudEvents `source`. */
  readonly source: string
  /** Every message that is published or subscribed to, and every domain event. */
  readonly messages: readonly MessageType[]
  /** Default: `databaseBroker({ database })`. */
  readonly broker?: BrokerDriver
  /** How long other processes wait for one that does not answer, before they take over its share. Default `'3s'`. */
  readonly lease?: Duration
  /** How long `start` waits for a broker that is not up yet. Default `'15s'`. */
  readonly brokerTimeout?: Duration
  /** How long a message may wait before `health` says so, delays and retries of a group included. Default `'5m'`. */
  readonly lagLimit?: Duration
  /** How long it is remembered what was handled, where the broker needs an inbox. Default `'7d'`. */
  readonly inboxRetention?: Duration
}

export interface MessagingStatus {
  /** Messages that the broker has not confirmed yet. Always 0 with a broker that joins the database. */
  readonly outbox: number
  /** When the oldest of them was published. */
  readonly outboxOldest: Date | undefined
  /** Messages whose time has not come. */
  readonly delayed: number
  /** What the groups have still to handle, retries included; a message counts for each of them. */
  readonly backlog: number
  readonly groups: readonly Backlog[]
  readonly dead: number
}

export interface Messaging extends Messages, Service, AsyncDisposable {
  readonly deadLetters: DeadLetters
  /** Makes the tables, connects, and begins to deliver. Once. */
  start(): Promise<void>
  /**
   * Takes no more messages and resolves when the handlers in progress have ended; what none has begun is left to others. When
   * `signal` aborts, so do the handlers'. Publishing goes on until `stop`. Idempotent.
   */
  drain(signal: AbortSignal): Promise<void>
  /** Ends everything; handlers that still run are aborted. Idempotent. */
  stop(): Promise<void>
  health(): Promise<Health>
  status(): Promise<MessagingStatus>
  /**
   * Ends a subscription for good, after its handler was removed from the code: what is published from now on is not kept for
   * `group`, and what waits is dropped. Resolves with the number of dropped messages.
   */
  unsubscribe(type: { readonly name: string }, group: string): Promise<number>
}
