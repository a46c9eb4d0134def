import type { ConfirmChannel, ConsumeMessage } from 'amqplib'

/**
 * Acknowledges what came over one channel: all that is done with in one turn of the event loop together, and a run of deliveries with
 * nothing between them in one frame, which is one entry in the log of a quorum queue. Never anything that is still in hand: what a frame
 * acknowledges up to is the last of those that are done with before the first that is not.
 */
export class Acknowledgements {
  readonly #channel: Pick<ConfirmChannel, 'ack'>
  /** What is not acknowledged, in the order in which it came, by its tag; with whether it is done with. */
  readonly #inHand = new Map<number, { readonly message: ConsumeMessage; done: boolean }>()
  #done = 0
  #sending = false

  constructor(channel: Pick<ConfirmChannel, 'ack'>) {
    this.#channel = channel
  }

  get inHand(): number {
    return this.#inHand.size - this.#done
  }

  took(message: ConsumeMessage): void {
    this.#inHand.set(message.fields.deliveryTag, { message, done: false })
  }

  /** `message` is done with. */
  add(message: ConsumeMessage): void {
    const delivery = this.#inHand.get(message.fields.deliveryTag)
    if (!delivery || delivery.done) return
    delivery.done = true
    this.#done++
    if (this.#sending) return
    this.#sending = true
    process.nextTick(() => this.send())
  }

  /** The channel is gone, and what was not acknowledged comes again. */
  end(): void {
    this.#inHand.clear()
    this.#done = 0
  }

  /** At once. */
  send(): void {
    this.#sending = false
    if (this.#done === 0) return
    try {
      this.#sendAll()
    } catch {
      // It is closing: it comes again by another channel.
    }
  }

  #sendAll(): void {
    this.#done = 0
    let last: ConsumeMessage | undefined
    let run = true
    for (const [tag, { message, done }] of this.#inHand) {
      if (!done) {
        run = false
        continue
      }
      this.#inHand.delete(tag)
      if (run) last = message
      else this.#channel.ack(message)
    }
    if (last) this.#channel.ack(last, true)
  }
}
