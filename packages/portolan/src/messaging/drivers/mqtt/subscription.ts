import type { IPublishPacket } from 'mqtt'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { ConsumeRequest, Consumption } from '../../driver.ts'
import { Loop } from '../../loop.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import { Hand } from './hand.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { messageOf } from './packets.ts'
import { answer } from './replies.ts'

export interface SubscriptionParts {
  readonly names: Names
  readonly link: Link
  readonly surroundings: Surroundings
  connect(options: ConnectionOptions): Promise<Connection>
}

/**
 * The session of one partition, over a connection of its own; over another one when that is lost. Whoever connects to a session takes
 * it from whoever had it: the broker closes that connection, and delivers again, in order, what was not acknowledged over it.
 */
export class Subscription implements Consumption {
  readonly #request: ConsumeRequest
  readonly #parts: SubscriptionParts
  readonly #session: string
  readonly #marker: string
  readonly #loop: Loop
  readonly #endWatch: () => void
  #connection: Connection | undefined
  #hand: Hand | undefined
  #stopped = false

  constructor(request: ConsumeRequest, parts: SubscriptionParts) {
    const { group, partition } = request
    this.#request = request
    this.#parts = parts
    this.#session = parts.names.session(group, partition!)
    this.#marker = parts.names.marker(group, partition!)
    this.#loop = new Loop(parts.surroundings, `consume the session '${this.#session}'`, () => this.#attach())
    this.#endWatch = parts.link.onConnected(() => this.#loop.wake())
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#loop.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    this.#endWatch()
    this.#hand = undefined
    await this.#connection?.close()
  }

  async #attach(): Promise<number> {
    const { link, names, connect } = this.#parts
    const { topics, partition, prefetch, owns } = this.#request
    if (this.#connection || this.#stopped || !link.connection || !owns()) return Infinity
    const connection = await connect({
      ...{ session: this.#session, receiveMaximum: prefetch },
      take: (packet, from) => this.#take(packet, from),
    })
    try {
      if (!owns()) throw new Error('The partition is not ours any more.')
      // It is subscribed already, unless the broker has forgotten it.
      await connection.subscribe([...topics.map(topic => names.messages(topic, partition!)), this.#marker])
    } catch (error) {
      this.#hand = undefined
      await connection.close()
      throw error
    }
    this.#warn(connection)
    this.#connection = connection
    void connection.closed.then(() => {
      this.#connection = undefined
      // Not at once: two that take a session from each other would do nothing else.
      this.#loop.hurry()
    })
    return Infinity
  }

  #warn({ resumed, keptFor }: Connection): void {
    const { logger } = this.#parts.surroundings
    const session = this.#session
    if (!resumed) logger.warn('The MQTT broker had forgotten a session, and what waited in it.', { session })
    if (keptFor === undefined) return
    const message =
      'The MQTT broker forgets a session that nobody is connected to after a while, and what waits in it.'
    logger.warn(message, { session, seconds: keptFor })
  }

  #take(packet: IPublishPacket, connection: Connection): void {
    // It comes again, and so does everything after it.
    if (this.#stopped) return
    if (this.#hand?.connection !== connection) this.#hand = new Hand(connection)
    const hand = this.#hand
    const held = hand.add(packet.messageId)
    if (packet.topic === this.#marker) {
      hand.settle(held)
      const { connection: way } = this.#parts.link
      if (way) answer(way, packet, String(hand.size))
      return
    }
    this.#request.deliver({
      message: messageOf(packet, this.#parts.surroundings.ids.next()),
      ack: async () => {
        if (this.#hand === hand) hand.settle(held)
      },
    })
  }
}
