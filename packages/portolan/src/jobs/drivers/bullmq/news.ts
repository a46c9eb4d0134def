import type { Redis } from 'ioredis'
import { type RedisAddress, redisConnection } from '../../../redis/index.ts'
import type { Queues } from './queues.ts'

/** Tells other processes that there is something to do, and hears of it. A hint: whoever is not connected just now finds it by looking. */
export class News {
  readonly #queues: Queues
  readonly #address: RedisAddress
  /** By which it knows what it has told itself. */
  readonly #self: string
  readonly #listeners = new Set<() => void>()
  #listening: Promise<Redis> | undefined

  constructor(queues: Queues, address: RedisAddress, self: string) {
    this.#queues = queues
    this.#address = address
    this.#self = self
  }

  tell(): void {
    this.#queues.client.publish(this.#queues.keys.news, this.#self).catch(() => {})
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#listening ??= this.#connect()
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    ;(await this.#listening)?.disconnect()
  }

  /** A connection of its own: one that listens can do nothing else. The client makes it anew, and listens again. */
  async #connect(): Promise<Redis> {
    const { client } = await redisConnection(this.#address)
    client.on('message', (_channel, from) => {
      if (from !== this.#self) this.#ring()
    })
    // What was told while it was not connected, nobody has heard.
    client.on('ready', () => {
      client.subscribe(this.#queues.keys.news).then(
        () => this.#ring(),
        () => {},
      )
    })
    client.connect().catch(() => {})
    return client
  }

  #ring(): void {
    for (const listener of this.#listeners) listener()
  }
}
