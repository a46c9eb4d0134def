import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { fromTransport } from '../../cloud-events.ts'
import type { ConsumeRequest, Consumption } from '../../driver.ts'
import { Loop } from '../../loop.ts'
import { closed } from './closed.ts'
import { headerPrefix, headersOf } from './headers.ts'
import type { Link } from './link.ts'

/** One queue, consumed over a channel of its own; over another one when that is lost. */
export class Subscription implements Consumption {
  readonly #queue: string
  readonly #request: ConsumeRequest
  readonly #link: Link
  readonly #surroundings: Surroundings
  readonly #loop: Loop
  readonly #endWatch: () => void
  readonly #restore: () => Promise<void>
  #channel: ConfirmChannel | undefined
  #inHand = 0
  #stopped = false

  /** `restore` makes the queue again, should it be gone. */
  constructor(
    queue: string,
    request: ConsumeRequest,
    link: Link,
    surroundings: Surroundings,
    restore: () => Promise<void>,
  ) {
    this.#queue = queue
    this.#request = request
    this.#link = link
    this.#surroundings = surroundings
    this.#restore = restore
    this.#loop = new Loop(surroundings, `consume the queue '${queue}'`, () => this.#attach())
    this.#endWatch = link.onConnected(() => this.#loop.wake())
  }

  get inHand(): number {
    return this.#inHand
  }

  get group(): string {
    return this.#request.group
  }

  async start(): Promise<void> {
    await this.#attach()
    this.#loop.start()
  }

  /**
   * The consumer is not cancelled: what is on its way to a cancelled one goes back to the queue at once, where it stands before what
   * this one still has in hand. When the channel closes, all of it goes back in order.
   */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#loop.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    this.#endWatch()
    const channel = this.#channel
    this.#channel = undefined
    this.#inHand = 0
    if (channel) await closed(channel)
  }

  async #attach(): Promise<number> {
    if (this.#channel || this.#stopped || this.#link.trouble === 'Not connected.') return Infinity
    const channel = await this.#link.channel()
    channel.once('close', () => this.#lost(channel))
    this.#channel = channel
    this.#inHand = 0
    try {
      await channel.prefetch(this.#request.prefetch)
      await channel.consume(this.#queue, message => this.#take(channel, message))
    } catch (error) {
      this.#lost(channel)
      await closed(channel)
      await this.#restore()
      throw error
    }
    return Infinity
  }

  #lost(channel: ConfirmChannel): void {
    if (this.#channel !== channel) return
    this.#channel = undefined
    this.#inHand = 0
    this.#loop.wake()
  }

  #take(channel: ConfirmChannel, message: ConsumeMessage | null): void {
    if (!message) {
      // The queue was deleted.
      this.#lost(channel)
      void closed(channel)
      return
    }
    if (this.#stopped) return
    this.#inHand++
    const { properties, fields, content } = message
    const wire = fromTransport(headerPrefix, {
      headers: headersOf(properties.headers),
      contentType: properties.contentType,
      body: content,
      topic: fields.routingKey.replace(/^\d+\./, ''),
      // Nothing else in a queue tells one that has no id apart: it cannot be recognised when it comes again.
      place: properties.messageId ?? this.#surroundings.ids.next(),
    })
    this.#request.deliver({
      message: wire,
      ack: async () => {
        if (this.#channel !== channel) return
        this.#inHand--
        channel.ack(message)
      },
    })
  }
}
