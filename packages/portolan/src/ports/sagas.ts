import type { Message, MessageContext, MessageType, RetryPolicy } from './messages.ts'
import type { Schema } from './schema.ts'
import type { Duration } from './time.ts'

/**
 * A kind of saga (process manager): a process of several messages, its state, the steps it may have to undo, and its timeouts.
 * Steps and timeouts are names; whoever runs the saga says what they do.
 */
export interface SagaType<
  State = unknown,
  Step extends string = string,
  Timeout extends string = string,
  Name extends string = string,
> {
  readonly kind: 'saga'
  readonly name: Name
  /** 1, 2, 3, …: raised when the shape of the state changes. */
  readonly version: number
  readonly state: Schema<State>
  /** Lifts the state of version `n` to `n + 1`; the key is `n`. */
  readonly upcasters: Readonly<Record<number, (state: unknown) => unknown>>
  readonly steps: readonly Step[]
  readonly timeouts: readonly Timeout[]
}

/** `compensating`: it has failed, and its steps are being undone; `failed`: they are. */
export type SagaStatus = 'running' | 'completed' | 'compensating' | 'failed'

/** A saga as it stands in the database. */
export interface SagaView<State = unknown, Step extends string = string> {
  /** Its own: another saga that is started for the same key later has another one. */
  readonly id: string
  /** What messages are correlated by. */
  readonly key: string
  readonly status: SagaStatus
  readonly state: Readonly<State>
  /** Steps that were done and not undone, in the order in which they were done. */
  readonly steps: readonly Step[]
  /** Why it failed. */
  readonly reason: string | undefined
  readonly startedAt: Date
  /** When it was completed, or the last step of a failed one was undone. */
  readonly endedAt: Date | undefined
}

/**
 * A running saga in the hands of a handler. What the handler does to it is committed with what it writes, publishes and enqueues,
 * and with the end of the message.
 */
export interface Saga<State, Step extends string, Timeout extends string>
  extends Omit<SagaView<State, Step>, 'state'> {
  /** To be changed or replaced at will; the schema is applied before it is saved. */
  state: State
  /** Remembers that a step was done, and has to be undone should the saga fail. Done twice, it keeps its first place. */
  done(step: Step): void
  /** Calls the timeout's handler once, no earlier than in `delay`, unless the saga has ended or cancelled it. Set again, it begins anew. */
  timeout(name: Timeout, delay: Duration): void
  cancel(name: Timeout): void
  /** It has reached its end: what is left of its timeouts will not happen. */
  complete(): void
  /** It cannot go on: its steps are undone, the last one first, each with a message of its own. */
  fail(reason: string): void
}

export type SagaHandler<State, Step extends string, Timeout extends string, Data> = (
  saga: Saga<State, Step, Timeout>,
  message: Message<Data>,
  context: MessageContext,
) => Promise<void> | void

export type SagaTimeoutHandler<State, Step extends string, Timeout extends string> = (
  saga: Saga<State, Step, Timeout>,
  context: MessageContext,
) => Promise<void> | void

export interface UndoContext extends MessageContext {
  /** The same however often this step of this saga is undone: for services that take such a key. */
  readonly idempotencyKey: string
}

/** Undoes a step. What it writes is committed once with the step's end; it may run again before that. */
export type UndoHandler<State, Step extends string> = (
  saga: SagaView<State, Step>,
  context: UndoContext,
) => Promise<void> | void

/** Handles a message for a saga that has failed or was completed, which stays as it is. */
export type LateHandler<State, Step extends string, Data> = (
  saga: SagaView<State, Step>,
  message: Message<Data>,
  context: MessageContext,
) => Promise<void> | void

export interface SagaOptions {
  /** Messages of this kind of saga in hand at the same time, in this process. Default 16. */
  readonly concurrency?: number
  /** For messages, timeouts and steps that are undone alike. */
  readonly retry?: RetryPolicy
}

type Named<Option extends string, Name extends string, Handler> = [Name] extends [never]
  ? { readonly [K in Option]?: Readonly<Record<never, Handler>> }
  : { readonly [K in Option]: Readonly<Record<Name, Handler>> }

/** A handler for every timeout, and for every step what undoes it. */
export type SagaHandlers<State, Step extends string, Timeout extends string> = SagaOptions &
  Named<'timeouts', Timeout, SagaTimeoutHandler<State, Step, Timeout>> &
  Named<'undo', Step, UndoHandler<State, Step>>

interface Correlation<Data> {
  /**
   * Which saga a message is for, from its data: text of 1 to 200 characters. `undefined`: none of this kind. A publisher that gives
   * its messages the same `key` has them handled in order, without collisions.
   */
  key(data: Data): string | undefined
}

export interface StartOptions<State, Step extends string, Data> extends Correlation<Data> {
  /** What a saga begins with. */
  state(data: Data): State
  /**
   * What to do where the saga of that key has ended or failed. Default `'ignore'`. `restart`: begins another one, once the steps of a
   * failed one are undone.
   */
  readonly late?: 'ignore' | 'restart' | 'dead_letter' | LateHandler<State, Step, Data>
}

export interface CorrelateOptions<State, Step extends string, Data> extends Correlation<Data> {
  /**
   * What to do where there is no saga of that key (yet). Default `'wait'`: the message is tried again for five minutes, since it may have
   * overtaken the one that starts the saga; then it is a dead letter.
   */
  readonly missing?: 'wait' | 'ignore' | 'dead_letter'
  /** What to do where the saga has ended or failed. Default `'ignore'`. */
  readonly late?: 'ignore' | 'dead_letter' | LateHandler<State, Step, Data>
}

/** Which messages a saga lives on. */
export interface SagaMessages<State, Step extends string, Timeout extends string> {
  /** A message that starts a saga where there is none of its key, and is handled by the one there is otherwise. */
  startedBy<Data>(
    type: MessageType<Data>,
    options: StartOptions<State, Step, NoInfer<Data>>,
    handler: SagaHandler<State, Step, Timeout, NoInfer<Data>>,
  ): this
  on<Data>(
    type: MessageType<Data>,
    options: CorrelateOptions<State, Step, NoInfer<Data>>,
    handler: SagaHandler<State, Step, Timeout, NoInfer<Data>>,
  ): this
}

export interface SagaPage {
  readonly status?: SagaStatus
  /** Default 100. */
  readonly limit?: number
  /** The key of the last one of the page before. */
  readonly after?: string
}

/**
 * Processes of several messages, each with a state of its own: see {@link SagaType}.
 *
 * @example
 * import { defineMessage, defineSaga, type Sagas } from 'portolan'
 * import { z } from 'zod'
 *
 * const order = z.object({ orderId: z.string() })
 * const OrderPlaced = defineMessage('shop.order.placed', { version: 1, schema: order })
 * const OrderPaid = defineMessage('shop.order.paid', { version: 1, schema: order })
 * const Checkout = defineSaga('checkout', { version: 1, state: order, steps: ['reserve'], timeouts: ['unpaid'] })
 *
 * declare const sagas: Sagas
 * const key = ({ orderId }: { orderId: string }) => orderId
 * sagas
 *   .run(Checkout, {
 *     timeouts: { unpaid: saga => saga.fail('nobody has paid') },
 *     undo: { reserve: ({ key }) => console.log(`the goods of ${key} go back on the shelf`) },
 *   })
 *   .startedBy(OrderPlaced, { key, state: data => data }, saga => {
 *     saga.done('reserve')
 *     saga.timeout('unpaid', '1h')
 *   })
 *   .on(OrderPaid, { key }, saga => saga.complete())
 */
export interface Sagas {
  /**
   * Declares who runs sagas of `type`, before `start`; then say by which messages. Each message has one effect: the saga's new state,
   * what its handler wrote, published and enqueued, its timeouts and the end of the message are one commit.
   */
  run<State, Step extends string, Timeout extends string>(
    type: SagaType<State, Step, Timeout>,
    handlers: SagaHandlers<State, Step, Timeout>,
  ): SagaMessages<State, Step, Timeout>
  /** The saga of a key, until some time after its end; `undefined`: there is none. */
  find<State, Step extends string>(
    type: SagaType<State, Step>,
    key: string,
  ): Promise<SagaView<State, Step> | undefined>
  /** In the order of their keys. */
  list<State, Step extends string>(
    type: SagaType<State, Step>,
    page?: SagaPage,
  ): Promise<SagaView<State, Step>[]>
}
