import type { Schema } from './schema.ts'
import type { Duration } from './time.ts'

/** A kind of message: its name, the version of its data, and the schema that the data must pass. */
export interface MessageType<Data = unknown, Name extends string = string> {
  readonly kind: 'message'
  readonly name: Name
  /** 1, 2, 3, …: raised when the shape of the data changes. */
  readonly version: number
  readonly schema: Schema<Data>
  /** Lifts data of version `n` to `n + 1`; the key is `n`. */
  readonly upcasters: Readonly<Record<number, (data: unknown) => unknown>>
}

/** A message as a handler sees it: CloudEvents 1.0 attributes, under the names of this language. */
export interface Message<Data = unknown> {
  readonly id: string
  readonly type: string
  readonly version: number
  /** Which application published it. */
  readonly source: string
  readonly time: Date
  readonly subject: string | undefined
  /** Messages of one key are handled in order, by each group. */
  readonly key: string | undefined
  readonly data: Data
  /** The id of the message or request that began all this. */
  readonly correlationId: string
  /** The id of the message that led directly to this one. */
  readonly causationId: string | undefined
  /** 1 for the first delivery to this subscription. */
  readonly attempt: number
}

export interface PublishOptions {
  /** Messages of one key are delivered in order, one at a time. Default: no order is promised. */
  readonly key?: string
  /** What the message is about, as in CloudEvents. */
  readonly subject?: string
  /** Deliver no earlier than this from now. */
  readonly delay?: Duration
  /** Deliver no earlier than this moment; at once when it has passed. Instead of `delay`. */
  readonly publishAt?: Date
  readonly correlationId?: string
}

export interface RetryPolicy {
  /** How often in all, the first included. Default 10. */
  readonly attempts?: number
  /** The pause before the second attempt; doubled for each further one, with jitter. Default `'200ms'`. */
  readonly from?: Duration
  /** The longest pause. Default `'1m'`. */
  readonly to?: Duration
}

export interface SubscribeOptions {
  /** Each group sees every message once; the members of a group share the work. A group may subscribe to several types. */
  readonly group: string
  /** Messages that the group has in hand at the same time, in this process. Its subscriptions share it. Default 16. */
  readonly concurrency?: number
  /**
   * Up to how many messages of different keys, of those that wait already, may share a unit of work, and with it a commit. Default 1: each
   * has its own. Their handlers run one after another, and count as one towards `concurrency`. When one of them fails, all are rolled
   * back and run again, now each in a savepoint, so that in the end it takes no other with it. For short handlers that write to the
   * database alone: what one of them has locked stays locked until the last of them has ended. Where the commit fails, each is handled
   * again, in a unit of work of its own. The group's subscriptions share it.
   */
  readonly batchSize?: number
  readonly retry?: RetryPolicy
}

export interface MessageContext {
  /** Aborts when the application stops before the handler has ended. */
  readonly signal: AbortSignal
}

export type MessageHandler<Data> = (message: Message<Data>, context: MessageContext) => Promise<void> | void

/**
 * Tells others what happened, in one commit with what happened, and hears it from others: each group handles every message once.
 *
 * @example
 * import { defineMessage, type Messages } from 'portolan'
 * import { z } from 'zod'
 *
 * const OrderPlaced = defineMessage('shop.order.placed', { version: 1, schema: z.object({ orderId: z.string() }) })
 *
 * declare const messages: Messages
 * messages.subscribe(OrderPlaced, { group: 'figures' }, ({ data }) => console.log(`another order: ${data.orderId}`))
 * // Messages of one key are handled in order.
 * await messages.publish(OrderPlaced, { orderId: '42' }, { key: '42' })
 */
export interface Messages {
  /**
   * Publishes with the commit of the unit of work in progress, or in one of its own. Rejects with
   * `invalid_argument` when the schema refuses the data; nothing is stored then.
   */
  publish<Data>(type: MessageType<Data>, data: NoInfer<Data>, options?: PublishOptions): Promise<void>
  /**
   * Handles each message of `type` once for `group`: the handler runs in a unit of work that also remembers the
   * message, so that its effects happen exactly once. Subscribe before `start`. A handler that keeps failing sends its
   * message to the dead letters; data that the schema refuses goes there at once.
   */
  subscribe<Data>(type: MessageType<Data>, options: SubscribeOptions, handler: MessageHandler<Data>): void
}
