import type { Database } from '../persistence/database.ts'
import type { Message, MessageContext, MessageHandler, MessageType } from '../ports/messages.ts'
import { reasonOf, stackOf } from '../runtime/failure.ts'
import { isPermanent } from '../runtime/permanent.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Complaints } from './complaints.ts'
import type { CurrentMessage } from './current-message.ts'
import type { Custody, Outcome } from './custody.ts'
import type { DeadMessages } from './dead-messages.ts'
import type { Delivery } from './driver.ts'
import { open } from './envelope.ts'
import { remember } from './history.ts'
import type { HandledOutcome, MessagingMetrics } from './metrics.ts'
import { type Retries, retryDelay } from './retry-delay.ts'
import type { Tracing } from './tracing.ts'

export interface Subscription {
  readonly type: MessageType
  readonly retries: Retries
  readonly handler: MessageHandler<unknown>
}

export interface HandlingParts {
  readonly database: Database
  readonly dead: DeadMessages
  readonly current: CurrentMessage
  readonly tracing: Tracing
  readonly metrics: MessagingMetrics
  readonly complaints: Complaints
  readonly surroundings: Surroundings
}

/** Milliseconds before a delivery that could not even be settled is tried again; doubled each time. */
const unsettledPauseMs = 100
const mostUnsettledPauseMs = 5_000

/** Ends a unit of work whose message somebody else has taken meanwhile: everything in it is rolled back. */
const takenElsewhere = Symbol('taken elsewhere')

/**
 * Handles deliveries of one group: each takes effect once.
 *
 * The unit of work of the handler also takes the message: into the inbox, or by deleting its row. It does so as its last
 * statement, not its first: a handler that first waits for something (a file, a request) then holds no lock meanwhile. Should
 * somebody else have been quicker, that statement says so, and all is rolled back.
 */
export class Handling<D extends Delivery> {
  readonly #group: string
  readonly #subscriptions: ReadonlyMap<string, Subscription>
  readonly #custody: Custody<D>
  readonly #parts: HandlingParts

  constructor(
    group: string,
    subscriptions: ReadonlyMap<string, Subscription>,
    custody: Custody<D>,
    parts: HandlingParts,
  ) {
    this.#group = group
    this.#subscriptions = subscriptions
    this.#custody = custody
    this.#parts = parts
  }

  /** Until it is settled, or the application stops. Never rejects. */
  async handle(delivery: D, context: MessageContext): Promise<Outcome> {
    const { surroundings, complaints } = this.#parts
    for (let pauseMs = unsettledPauseMs; ; pauseMs = Math.min(mostUnsettledPauseMs, 2 * pauseMs)) {
      try {
        return await this.#handle(delivery, context)
      } catch (error) {
        complaints.warn('A message could not be settled; trying again.', {
          group: this.#group,
          type: delivery.message.topic,
          error,
        })
      }
      try {
        await surroundings.clock.sleep(pauseMs, context.signal)
      } catch {
        this.#custody.release(delivery)
        return 'again'
      }
    }
  }

  async #handle(delivery: D, context: MessageContext): Promise<Outcome> {
    const { database, tracing, metrics } = this.#parts
    const { message: wire } = delivery
    const subscription = this.#subscriptions.get(wire.topic)
    if (!subscription)
      return this.#bury(delivery, wire.fault ?? 'This group has no handler for its type.', '')
    const opened = await open(subscription.type, wire, this.#custody.attempt(delivery))
    if (!opened.ok) {
      const cause = opened.cause instanceof Error ? opened.cause : undefined
      return this.#bury(delivery, opened.reason, stackOf(cause))
    }
    if (await this.#custody.admits(delivery)) {
      const ended = metrics.begin(this.#group, wire, this.#custody.attempt(delivery))
      try {
        await tracing.process(this.#group, wire, () =>
          database.run(() => this.#once(delivery, subscription, opened.message, context)),
        )
        ended('handled')
      } catch (error) {
        if (error !== takenElsewhere) return this.#failed(delivery, subscription, error, context, ended)
      }
    }
    await delivery.ack()
    return 'settled'
  }

  async #once(
    delivery: D,
    { handler }: Subscription,
    message: Message,
    context: MessageContext,
  ): Promise<void> {
    await this.#parts.current.run(message, () => handler(message, context))
    if (!(await this.#custody.take(delivery))) throw takenElsewhere
  }

  async #failed(
    delivery: D,
    { retries }: Subscription,
    error: unknown,
    { signal }: MessageContext,
    ended: (outcome: HandledOutcome) => void,
  ): Promise<Outcome> {
    const { complaints, surroundings } = this.#parts
    const { message } = delivery
    // It was told to stop: that is no failure of the message.
    if (signal.aborted) {
      this.#custody.release(delivery)
      return 'again'
    }
    const attempt = this.#custody.attempt(delivery)
    if (attempt >= retries.attempts || isPermanent(error)) {
      ended('dead')
      return this.#bury(delivery, reasonOf(error), stackOf(error))
    }
    ended('retried')
    const delayMs = retryDelay(retries, attempt, error, surroundings.random)
    complaints.warn('A message handler failed; the message will be tried again.', {
      group: this.#group,
      type: message.topic,
      id: message.id,
      attempt,
      delayMs,
      error,
    })
    const at = new Date(surroundings.clock.now())
    const history = remember(message.history, { at, attempt, reason: reasonOf(error), died: false })
    return this.#custody.again(delivery, delayMs, history)
  }

  /** Among the dead letters, and taken, in one transaction; then away from the broker. */
  async #bury(delivery: D, reason: string, stack: string): Promise<Outcome> {
    const { database, dead, complaints } = this.#parts
    const { message: wire } = delivery
    const attempts = this.#custody.attempt(delivery)
    const buried = await database.run(async () => {
      if (!(await this.#custody.take(delivery))) return false
      await dead.add({ message: { ...wire, group: this.#group }, reason, stack, attempts })
      return true
    })
    await delivery.ack()
    if (buried) {
      complaints.warn('A message was given up; it is among the dead letters.', {
        group: this.#group,
        type: wire.topic,
        id: wire.id,
        attempts,
        reason,
      })
    }
    return 'settled'
  }
}
