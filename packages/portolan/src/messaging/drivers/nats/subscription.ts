import type { ConsumerMessages, JetStreamClient, JsMsg } from '@nats-io/jetstream'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { fromTransport } from '../../cloud-events.ts'
import type { ConsumeRequest, Consumption } from '../../driver.ts'
import { Loop } from '../../loop.ts'
import { decodeHeader } from './header-text.ts'
import type { Layout } from './layout.ts'

export const headerPrefix = 'ce-'
/** Of structured mode, and of what others say of their data. */
const contentTypeHeader = 'content-type'

/** The messages of one topic in one partition. */
export class Subscription implements Consumption {
  readonly #topic: string
  readonly #request: ConsumeRequest
  readonly #prefetch: number
  readonly #client: JetStreamClient
  readonly #layout: Layout
  readonly #loop: Loop
  #messages: ConsumerMessages | undefined
  #stopped = false

  constructor(
    topic: string,
    request: ConsumeRequest,
    client: JetStreamClient,
    layout: Layout,
    surroundings: Surroundings,
  ) {
    this.#topic = topic
    this.#request = request
    this.#prefetch = Math.max(1, Math.ceil(request.prefetch / request.topics.length))
    this.#client = client
    this.#layout = layout
    const what = `consume '${topic}' for group '${request.group}'`
    this.#loop = new Loop(surroundings, what, () => this.#attach())
  }

  start(): void {
    this.#loop.start()
  }

  /** The connection was lost, and with it perhaps messages that were on their way. */
  lost(): void {
    this.#detach()
    this.#loop.wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#loop.stop()
    this.#messages?.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    this.#detach()
  }

  async #attach(): Promise<number> {
    const { group, partition, owns } = this.#request
    if (this.#messages || this.#stopped || !owns()) return Infinity
    const name = await this.#layout.takeOver(group, partition!, this.#topic, this.#prefetch)
    const consumer = await this.#client.consumers.get(this.#layout.stream, name)
    if (!owns()) return 0
    const messages = await consumer.consume({
      max_messages: this.#prefetch,
      callback: message => this.#take(messages, message),
    })
    this.#messages = messages
    void messages.closed().then(() => {
      if (this.#messages === messages) this.lost()
    })
    return Infinity
  }

  #detach(): void {
    const messages = this.#messages
    this.#messages = undefined
    messages?.stop()
  }

  #take(messages: ConsumerMessages, message: JsMsg): void {
    const headers: [string, string | undefined][] = []
    for (const name of message.headers?.keys() ?? [])
      headers.push([name, decodeHeader(message.headers!.get(name))])
    const wire = fromTransport(headerPrefix, {
      headers,
      contentType: message.headers?.get(contentTypeHeader) || undefined,
      body: message.data,
      topic: this.#topic,
      place: `${this.#layout.stream}:${message.seq}`,
    })
    this.#request.deliver({
      message: wire,
      ack: async () => {
        // Of a consumer that was replaced, nobody reads acknowledgements.
        if (this.#messages === messages) message.ack()
      },
    })
  }
}
