import type { BrokerDriver, WireMessage } from 'portolan/messaging'

/** A broker that confirms at once and keeps nothing. While it is held, it confirms nothing, as one that is busy. */
export class NoopBroker implements BrokerDriver {
  readonly name = 'noop'
  readonly capabilities = {
    durable: false,
    survivesKill: false,
    orderAcrossTypes: true,
    history: false,
    largeMessages: true,
    backlogAtRest: true,
  }
  readonly #taken: (message: WireMessage) => void
  #released = Promise.resolve()
  #release = () => {}

  constructor(taken: (message: WireMessage) => void) {
    this.#taken = taken
  }

  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#released = promise
    this.#release = resolve
  }

  release(): void {
    this.#release()
  }

  async publish(messages: readonly WireMessage[]) {
    await this.#released
    for (const message of messages) this.#taken(message)
    return []
  }

  async open() {}
  async bind() {}
  async unbind() {
    return 0
  }
  async consume() {
    return { async stop() {}, async close() {} }
  }
  async backlog() {
    return []
  }
  async health() {
    return { status: 'up' } as const
  }
  async close() {}
}
