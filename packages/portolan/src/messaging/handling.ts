import type { Database } from '../persistence/database.ts'
import type { Message, MessageContext } from '../ports/messages.ts'
import { reasonOf, stackOf } from '../runtime/failure.ts'
import { isPermanent } from '../runtime/permanent.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Complaints } from './complaints.ts'
import type { CurrentMessage } from './current-message.ts'
import type { Custody, Outcome } from './custody.ts'
import type { DeadMessages } from './dead-messages.ts'
import type { Delayed } from './delayed.ts'
import type { Delivery } from './driver.ts'
import { open } from './envelope.ts'
import { remember } from './history.ts'
import type { HandledOutcome, MessagingMetrics } from './metrics.ts'
import { Postponed, postponement, withoutPostponement } from './postponed.ts'
import { retryDelay } from './retry-delay.ts'
import type { Group, Subscription } from './subscriptions.ts'
import type { Suspects, Suspicion, Watch } from './suspects.ts'
import type { Tracing } from './tracing.ts'

export interface HandlingParts {
  readonly database: Database
  readonly dead: DeadMessages
  readonly delayed: Delayed
  readonly current: CurrentMessage
  readonly tracing: Tracing
  readonly metrics: MessagingMetrics
  readonly suspects: Suspects
  readonly complaints: Complaints
  readonly surroundings: Surroundings
}

/** Milliseconds before a delivery that could not even be settled is tried again; doubled each time. */
const unsettledPauseMs = 100
const mostUnsettledPauseMs = 5_000

/** Ends a unit of work whose message somebody else has taken meanwhile: everything in it is rolled back. */
export const takenElsewhere = Symbol('taken elsewhere')

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
  readonly #watch: Watch
  readonly #parts: HandlingParts

  constructor({ name, subscriptions }: Group, custody: Custody<D>, watch: Watch, parts: HandlingParts) {
    this.#group = name
    this.#subscriptions = subscriptions
    this.#custody = custody
    this.#watch = watch
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

  /** For `run`. `undefined`: there is more to do for it than to call a handler. */
  async prepare(delivery: D): Promise<Prepared<D> | undefined> {
    const task = { delivery, suspicion: undefined }
    const subscription = this.#subscriptions.get(delivery.message.topic)
    if (!subscription) return undefined
    const opened = await open(subscription.type, delivery.message, this.#attemptOf(task))
    if (!opened.ok || !(await this.#custody.admits(delivery))) return undefined
    return { task, subscription, message: opened.message }
  }

  /** Its handler begins. Returns what is to be told how it ended. */
  begins({ task }: Prepared<D>): (outcome: HandledOutcome) => void {
    return this.#parts.metrics.begin(this.#group, task.delivery.message, this.#attemptOf(task))
  }

  /** In a unit of work, whose caller takes the delivery. */
  run(prepared: Prepared<D>, context: MessageContext): Promise<void> {
    const { message } = prepared.task.delivery
    return this.#parts.tracing.process(this.#group, message, () => this.#call(prepared, context))
  }

  async #handle(delivery: D, context: MessageContext): Promise<Outcome> {
    if (!this.#watch.takes()) return this.#attempt({ delivery, suspicion: undefined }, context)
    const { message: wire } = delivery
    const { suspects } = this.#parts
    const suspicion = await suspects.look(this.#group, wire.id)
    const task = { delivery, suspicion }
    const { crashes } = suspicion
    if (suspicion.condemns(this.#subscriptions.get(wire.topic)?.retries.attempts ?? 0))
      return this.#bury(task, `The process that handled it ended each time: ${crashes} times.`, '', crashes)
    using _ = crashes > 0 ? await suspects.alone() : undefined
    if (context.signal.aborted) {
      this.#custody.release(delivery)
      return 'again'
    }
    await suspicion.begin()
    return await this.#attempt(task, context)
  }

  async #attempt(task: Task<D>, context: MessageContext): Promise<Outcome> {
    const { database, tracing } = this.#parts
    const { delivery, suspicion } = task
    const { message: wire } = delivery
    const attempt = this.#attemptOf(task)
    const subscription = this.#subscriptions.get(wire.topic)
    if (!subscription) return this.#bury(task, wire.fault ?? 'This group has no handler for its type.', '')
    const opened = await open(subscription.type, wire, attempt)
    if (!opened.ok) {
      const cause = opened.cause instanceof Error ? opened.cause : undefined
      return this.#bury(task, opened.reason, stackOf(cause))
    }
    if (await this.#custody.admits(delivery)) {
      const prepared = { task, subscription, message: opened.message }
      const ended = this.begins(prepared)
      try {
        await tracing.process(this.#group, wire, () => database.run(() => this.#once(prepared, context)))
        ended('handled')
      } catch (error) {
        if (error !== takenElsewhere) return this.failed(prepared, error, context, ended)
        await suspicion?.end()
      }
    } else await suspicion?.end()
    await delivery.ack()
    return 'settled'
  }

  #attemptOf({ delivery, suspicion }: Task<D>): number {
    return this.#custody.attempt(delivery) + (suspicion?.crashes ?? 0)
  }

  async #once(prepared: Prepared<D>, context: MessageContext): Promise<void> {
    const { delivery, suspicion } = prepared.task
    await this.#call(prepared, context)
    await suspicion?.end()
    if (!(await this.#custody.take([delivery]))) throw takenElsewhere
  }

  async #call({ subscription, message }: Prepared<D>, context: MessageContext): Promise<void> {
    await this.#parts.current.run(message, () => subscription.handler(message, context))
  }

  /** Its handler has failed, and nothing that it did has happened. */
  async failed(
    { task, subscription: { retries } }: Prepared<D>,
    error: unknown,
    { signal }: MessageContext,
    ended: (outcome: HandledOutcome) => void,
  ): Promise<Outcome> {
    const { complaints, surroundings } = this.#parts
    const { delivery, suspicion } = task
    const { message } = delivery
    // It was told to stop: that is no failure of the message.
    if (signal.aborted) {
      await suspicion?.end()
      this.#custody.release(delivery)
      return 'again'
    }
    if (error instanceof Postponed) {
      ended('retried')
      return this.#postpone(task, error)
    }
    const attempt = this.#attemptOf(task)
    if (attempt >= retries.attempts || isPermanent(error)) {
      ended('dead')
      return this.#bury(task, reasonOf(error), stackOf(error))
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
    const history = remember(past(task), { at, attempt, reason: reasonOf(error), died: false })
    await suspicion?.end()
    return this.#custody.again(delivery, delayMs, history)
  }

  /** Away from its key, and taken, in one transaction: it comes again by itself, and holds up nothing meanwhile. */
  async #postpone(task: Task<D>, { patienceMs, reason }: Postponed): Promise<Outcome> {
    const { database, delayed, surroundings } = this.#parts
    const { delivery, suspicion } = task
    const now = surroundings.clock.now()
    const { waitedMs, delayMs, attributes } = postponement(delivery.message, now)
    if (waitedMs >= patienceMs) return this.#bury(task, reason, '')
    const message = { ...delivery.message, attributes, key: undefined, group: this.#group }
    await database.run(async () => {
      await suspicion?.end()
      if (await this.#custody.take([delivery])) await delayed.add(message, now + delayMs)
    })
    await delivery.ack()
    return 'settled'
  }

  /** Among the dead letters, and taken, in one transaction; then away from the broker. */
  async #bury(
    task: Task<D>,
    reason: string,
    stack: string,
    attempts = this.#attemptOf(task),
  ): Promise<Outcome> {
    const { database, dead, complaints } = this.#parts
    const { delivery, suspicion } = task
    const { history: _, ...wire } = withoutPostponement(delivery.message)
    const history = past(task)
    const message = { ...wire, group: this.#group, ...(history !== undefined && { history }) }
    const buried = await database.run(async () => {
      await suspicion?.end()
      if (!(await this.#custody.take([delivery]))) return false
      await dead.add({ message, reason, stack, attempts })
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

/** A delivery with what its handler is given. */
export interface Prepared<D> {
  readonly task: Task<D>
  readonly subscription: Subscription
  readonly message: Message
}

/** A delivery that is handled, and what is known against it where it is watched. */
interface Task<D> {
  readonly delivery: D
  readonly suspicion: Suspicion | undefined
}

function past({ delivery: { message }, suspicion }: Task<Delivery>): string | undefined {
  return suspicion ? suspicion.remembered(message.history) : message.history
}
