import type { IPublishPacket } from 'mqtt'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { Connection } from './connection.ts'

/** Seconds after which the broker throws away a question that nobody has read. */
const questionExpiry = 60
const deliveryLimitMs = 10_000

/** Questions to other processes over the broker, and their answers: MQTT 5's request and response. */
export class Replies {
  readonly topic: string
  readonly #surroundings: Surroundings
  readonly #waiting = new Map<string, (answer: string) => void>()

  constructor(topic: string, surroundings: Surroundings) {
    this.topic = topic
    this.#surroundings = surroundings
  }

  take({ payload, properties }: IPublishPacket): void {
    this.#waiting.get(String(properties?.correlationData))?.(payload.toString())
  }

  /** The first answer to what is published to `topic`; `undefined`: none came in `limitMs`. */
  async ask(connection: Connection, topic: string, limitMs: number): Promise<string | undefined> {
    const { clock, ids } = this.#surroundings
    const id = ids.next()
    const answered = Promise.withResolvers<string | undefined>()
    this.#waiting.set(id, answered.resolve)
    const timer = clock.timer(limitMs, () => answered.resolve(undefined))
    try {
      await connection.publish(topic, '', {
        properties: {
          ...{ responseTopic: this.topic, correlationData: Buffer.from(id) },
          messageExpiryInterval: questionExpiry,
        },
      })
      return await answered.promise
    } finally {
      timer.cancel()
      this.#waiting.delete(id)
    }
  }

  /** Resolves when everything that the broker had for this connection before has come. */
  async caughtUp(connection: Connection): Promise<void> {
    // A question to ourselves is its own answer.
    if ((await this.ask(connection, this.topic, deliveryLimitMs)) === undefined)
      throw new Error(`The broker delivered nothing for ${deliveryLimitMs} ms.`)
  }
}

/** Answers a question; one that cannot be answered is asked again. */
export function answer(connection: Connection, { properties }: IPublishPacket, text: string): void {
  const { responseTopic, correlationData } = properties ?? {}
  if (responseTopic === undefined || correlationData === undefined) return
  connection.publish(responseTopic, text, { properties: { correlationData } }).catch(() => {})
}
