import type { DomainEvent } from '../persistence/database.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { MessageType, PublishOptions } from '../ports/messages.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { CurrentMessage } from './current-message.ts'
import type { Delayed } from './delayed.ts'
import type { WireMessage } from './driver.ts'
import { seal } from './envelope.ts'
import type { MessageTypes } from './message-types.ts'
import type { Tracing } from './tracing.ts'

export interface PublisherParts {
  readonly source: string
  readonly types: MessageTypes
  readonly current: CurrentMessage
  readonly delayed: Delayed
  readonly tracing: Tracing
  readonly surroundings: Surroundings
  /** Puts messages on their way, in the unit of work in progress. */
  readonly send: (messages: readonly WireMessage[]) => Promise<void>
}

/** Checks what is published, wraps it, and puts it on its way with the commit of the unit of work in progress. */
export class Publisher {
  readonly #parts: PublisherParts

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  publish<Data>(type: MessageType<Data>, data: Data, options: PublishOptions = {}): Promise<void> {
    const { tracing, types } = this.#parts
    return tracing.publish(type.name, async () => {
      types.require(type)
      await this.#post(type, data, options, undefined)
    })
  }

  /** To one group alone, which has a handler for `type`, whether or not the application knows the type. */
  address<Data>(group: string, type: MessageType<Data>, data: Data, options: PublishOptions): Promise<void> {
    return this.#parts.tracing.publish(type.name, () => this.#post(type, data, options, group))
  }

  /** The domain events of aggregates that are being saved. */
  async publishEvents(events: readonly DomainEvent[]): Promise<void> {
    const { types, send } = this.#parts
    const messages: WireMessage[] = []
    for (const { type: name, data, key } of events) {
      const type = types.get(name)
      if (!type) {
        throw new InfrastructureError(
          'invalid_argument',
          `An aggregate recorded the event '${name}', which is no message of this application. ` +
            'Add its type to `messages` of createMessaging.',
        )
      }
      messages.push(await this.#seal(type, data, key === undefined ? {} : { key }))
    }
    await send(messages)
  }

  async #post<Data>(
    type: MessageType<Data>,
    data: Data,
    options: PublishOptions,
    group: string | undefined,
  ): Promise<void> {
    const { delayed, send } = this.#parts
    const now = this.#parts.surroundings.clock.now()
    const dueAt = dueOf(options, now)
    const message = { ...(await this.#seal(type, data, options)), group }
    await (dueAt > now ? delayed.add(message, dueAt) : send([message]))
  }

  async #seal<Data>(type: MessageType<Data>, data: unknown, options: PublishOptions): Promise<WireMessage> {
    const { source, surroundings, current, tracing } = this.#parts
    const { clock, ids } = surroundings
    const message = await seal(type, data, options, { source, clock, ids, cause: current.get() })
    tracing.inject(message.attributes)
    return message
  }
}

/** @throws InfrastructureError `invalid_argument`. */
function dueOf({ delay, publishAt }: PublishOptions, now: number): number {
  if (publishAt === undefined) return delay === undefined ? now : now + milliseconds(delay, 'delay')
  if (delay !== undefined)
    throw new InfrastructureError('invalid_argument', 'Give either publishAt or delay, not both.')
  if (Number.isNaN(publishAt.getTime()))
    throw new InfrastructureError('invalid_argument', 'publishAt is no valid date.')
  return publishAt.getTime()
}
