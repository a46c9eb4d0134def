import type { Database } from '../persistence/database.ts'
import type { Messages, MessageType } from '../ports/messages.ts'
import type { Sagas } from '../ports/sagas.ts'
import type { Health, Service } from '../ports/service.ts'
import type { Duration } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Backlog, BrokerDriver } from './driver.ts'
import type { MessageLetters } from './letters.ts'
import type { PausedGroup } from './pauses.ts'

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
  /** How long a saga is kept after its end, so that what comes late finds it. Default `'7d'`. */
  readonly sagaRetention?: Duration
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
  /** Groups that take nothing until they are resumed. */
  readonly paused: readonly PausedGroup[]
  readonly dead: number
}

export interface Messaging extends Messages, Service, AsyncDisposable {
  readonly deadLetters: MessageLetters
  /** Processes of several messages, with state, timeouts and compensation. */
  readonly sagas: Sagas
  /** Makes the tables, connects, and begins to deliver. Once. */
  start(): Promise<void>
  /**
   * Takes no more messages and resolves when the handlers in progress have ended; what none has begun is left to others. When
   * `signal` aborts, so do the handlers'. Publishing goes on until `stop`. Idempotent.
   */
  drain(signal: AbortSignal): Promise<void>
  /** Ends everything; handlers that still run are aborted. Idempotent. */
  stop(): Promise<void>
  /**
   * `degraded` while something does not move: see its detail. A paused group is no trouble, however long its messages wait, but the detail
   * names it.
   */
  health(): Promise<Health>
  status(): Promise<MessagingStatus>
  /**
   * Lets `group` take nothing more, in all processes and those that start later, until `resume`. Within about a second they begin no
   * handler any more; those in progress end. What waits and what is published meanwhile is kept, over every broker. With the commit of
   * the unit of work in progress. Idempotent. Rejects with `not_found` for a group that never subscribed to anything.
   */
  pause(group: string): Promise<void>
  /** `group` goes on where it stopped, in order, within about a second in all processes. Idempotent. Rejects with `not_found` as `pause` does. */
  resume(group: string): Promise<void>
  /**
   * Ends a subscription for good, after its handler was removed from the code: what is published from now on is not kept for
   * `group`, and what waits is dropped. Resolves with the number of dropped messages.
   */
  unsubscribe(type: { readonly name: string }, group: string): Promise<number>
}
