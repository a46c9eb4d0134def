import type { Database } from '../persistence/database.ts'
import type { Health } from '../ports/service.ts'

/** What a broker can do; the contract holds it to that. */
export interface BrokerCapabilities {
  /** What was published and not handled yet survives the end of every process, the broker's included where that ends in order. */
  readonly durable: boolean
  /** So it does when the broker is killed: what it has confirmed is on a disk. */
  readonly survivesKill: boolean
  /** The order of a key holds over all message types of a group, not only within each. */
  readonly orderAcrossTypes: boolean
  /** A group also gets what was published before it was first bound. */
  readonly history: boolean
  /** It takes messages of a MiB and more as it comes; otherwise, those that are larger than it was told to take are dead letters. */
  readonly largeMessages: boolean
  /** What waits for a group is told also where no process consumes it. */
  readonly backlogAtRest: boolean
}

/** A message on its way: the CloudEvents attributes as text, and the data as JSON. */
export interface WireMessage {
  readonly id: string
  /** The name of the message type; CloudEvents `type`. */
  readonly topic: string
  /** CloudEvents `partitionkey`. */
  readonly key: string | undefined
  /** The others by their CloudEvents names: `source`, `time`, `subject`, `dataschema`, `correlationid`, `traceparent`, … */
  readonly attributes: Readonly<Record<string, string>>
  /** JSON. */
  readonly payload: string
  /**
   * For this group alone: one that is tried again, or a dead letter that is replayed. These never go over a broker that does not join
   * the database. `undefined`: for every group that is bound to the topic.
   */
  readonly group: string | undefined
  /** What became of earlier attempts. It stays in the databases: a driver that does not join them ignores it. */
  readonly history?: string
  /** Set by a driver that cannot make sense of what it received: why. It is not handled, but kept among the dead letters. */
  readonly fault?: string
}

/** A message that the broker did not take. */
export interface PublishFailure {
  readonly id: string
  readonly error: unknown
  /** It will never be taken: too large, refused by policy. Otherwise it is offered again. */
  readonly permanent: boolean
}

/** A message in the hands of a consumer. What is not acknowledged when its consumption closes is given back, and comes again. */
export interface Delivery {
  readonly message: WireMessage
  /**
   * It is done with. Where the connection it came by is gone, or its consumption was closed, this does nothing: the message
   * comes again. After a rejection it is called again.
   */
  ack(): Promise<void>
}

/** A delivery that is a row in the application's database, and ends with the unit of work that handles it. */
export interface StoredDelivery extends Delivery {
  /** 1 for the first. */
  readonly attempt: number
  /**
   * In a unit of work: takes its row away with the commit, and those of `others`, which the same consumption has delivered. `false`:
   * somebody else has done so already with one of them.
   */
  complete(others: readonly StoredDelivery[]): Promise<boolean>
  /** Delivers it again with `attempt + 1` and `history`, no earlier than `delayMs` from now; no other message of its key before that. */
  retry(delayMs: number, history: string): Promise<void>
  /** Gives it back, uncounted: it will be delivered again. */
  release(): void
}

export interface ConsumeRequest {
  readonly group: string
  readonly topics: readonly string[]
  /** Which partition, from 0; `undefined` for a driver that has none, or shares them out itself. */
  readonly partition: number | undefined
  /**
   * Whether the partition is this process's, as far as it can know. A process that was held up for longer than its lease must not
   * read on, nor connect again in the place of the new owner.
   */
  owns(): boolean
  /** At most this many deliveries are neither acknowledged nor given back at a time. */
  readonly prefetch: number
  /**
   * Takes a delivery. Never throws. Those of one key come in the order in which they were published, and may come before an earlier
   * one is acknowledged. After a reconnection, what was not acknowledged comes again, before what follows it in its key.
   */
  deliver(delivery: Delivery): void
  /**
   * For a driver without `partitions`, that knows: before it delivers what a member had in hand that ended without giving it back.
   * Something of it may be what has ended that member.
   */
  tookOver(): void
}

/** What delivers to one consumer. */
export interface Consumption {
  /** Resolves when nothing more will be delivered. What was delivered can still be acknowledged. */
  stop(): Promise<void>
  /**
   * Ends it: acknowledgements are with the broker, and what was not acknowledged can be delivered to others, in order. Idempotent.
   */
  close(): Promise<void>
}

export interface Backlog {
  readonly group: string
  readonly waiting: number
  /** When the oldest of them was published; `undefined` when the broker does not say. */
  readonly oldest: Date | undefined
}

/**
 * What an engine provides. It neither validates, logs messages, counts attempts nor delays: the portable part does, once. It
 * reconnects by itself, and makes again then what it had made; while it cannot, `publish` rejects and nothing is delivered. Raises
 * the engine's own errors, none of which shows a password.
 */
export interface BrokerDriver {
  /** As in the traces' `messaging.system`. */
  readonly name: string
  readonly capabilities: BrokerCapabilities
  /**
   * The database whose units of work `publish` joins. An application of that database needs neither outbox nor inbox; every
   * delivery is a `StoredDelivery` then.
   */
  readonly joins?: Database
  /**
   * Into how many partitions it divides a group: `partitionOf` tells to which one a message belongs. They are shared out among the
   * members by leases in the database, and each is consumed by one member at a time: that keeps the order of a key. A new owner
   * begins with what the last one has left, whatever became of that one. `undefined`: the broker shares out by itself.
   */
  readonly partitions?: number
  /**
   * Connects, and makes what it needs. Called before anything else; again where it failed. Resolves with what its user should be warned
   * of, in a sentence, if there is something.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to say.
  open(): Promise<string | undefined | void>
  /** Whether `open` failed because it may not come in: waiting does not help then. Default: never. */
  denies?(error: unknown): boolean
  /** From now on `group` gets the messages of `topics`, whether or not a consumer runs. Idempotent. */
  bind(group: string, topics: readonly string[]): Promise<void>
  /**
   * Undoes `bind`, and drops what waits, as far as the broker can tell it from that of other topics: those that the group stays bound
   * to are `others`. When there are none, everything of the group is removed. Resolves with the number of messages that were dropped.
   */
  unbind(group: string, topic: string, others: readonly string[]): Promise<number>
  /**
   * Resolves when the broker has confirmed every message but those that it returns. Of the messages of one key, none is confirmed
   * after one that was not. Rejects when nothing is known: all of them are then offered again.
   */
  publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]>
  consume(request: ConsumeRequest): Promise<Consumption>
  /** What waits for each of `groups`, what this process has in hand included; that of others where the broker tells. */
  backlog(groups: readonly string[]): Promise<readonly Backlog[]>
  health(): Promise<Health>
  /** Idempotent. */
  close(): Promise<void>
}
