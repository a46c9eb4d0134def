import type { Message } from 'amqplib'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { dataType, toHeaders } from '../../cloud-events.ts'
import type { PublishFailure, WireMessage } from '../../driver.ts'
import { partitionOf } from '../../shards.ts'
import { closed } from './closed.ts'
import { headerPrefix } from './headers.ts'
import type { Link } from './link.ts'
import type { Topology } from './topology.ts'

/** Milliseconds to wait for confirms: a broker short of memory or disk holds them back. */
const confirmTimeoutMs = 30_000

/** Publishes with pipelined confirms: the broker has written a message to the disks of a majority before it counts as taken. */
export class Publishing {
  readonly #link: Link
  readonly #topology: Topology
  readonly #partitions: number
  readonly #surroundings: Surroundings

  constructor(link: Link, topology: Topology, partitions: number, surroundings: Surroundings) {
    this.#link = link
    this.#topology = topology
    this.#partitions = partitions
    this.#surroundings = surroundings
  }

  async publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    const channel = await this.#link.publishing()
    const failures = new Map<string, PublishFailure>()
    const returned = new Set<string>()
    // No queue took it. Where no group is bound that is as it should be; otherwise somebody has deleted one.
    const onReturn = ({ properties }: Message) => {
      const id = String(properties.messageId)
      const message = messages.find(sent => sent.id === id)
      if (message && this.#topology.isBound(message.topic)) returned.add(id)
    }
    channel.on('return', onReturn)
    const late = Promise.withResolvers<never>()
    const timer = this.#surroundings.clock.timer(confirmTimeoutMs, () => {
      late.reject(new Error(`RabbitMQ confirmed nothing for ${confirmTimeoutMs} ms.`))
      // What is confirmed later must not count for what is offered again.
      void closed(channel)
    })
    try {
      const confirms = messages.map(message => this.#publish(channel, message, failures))
      await Promise.race([Promise.all(confirms), late.promise])
    } finally {
      timer.cancel()
      channel.off('return', onReturn)
    }
    if (returned.size > 0) await this.#topology.restore()
    for (const id of returned) {
      const error = new Error('No queue took it, although a group is bound. The queues were made again.')
      failures.set(id, { id, error, permanent: false })
    }
    return [...failures.values()]
  }

  #publish(
    channel: Awaited<ReturnType<Link['publishing']>>,
    message: WireMessage,
    failures: Map<string, PublishFailure>,
  ): Promise<void> {
    const { id, topic, payload, attributes } = message
    const routingKey = this.#topology.routingKey(topic, partitionOf(message, this.#partitions))
    const options = {
      messageId: id,
      type: topic,
      contentType: dataType,
      persistent: true,
      mandatory: true,
      headers: toHeaders(message, headerPrefix),
      ...(attributes.correlationid !== undefined && { correlationId: shortText(attributes.correlationid) }),
    }
    return new Promise((resolve, reject) => {
      const confirmed = (error: unknown) => {
        // A negative one is about this message; without a channel nothing is known about any.
        if (error && this.#isClosed(error)) return reject(error)
        if (error) failures.set(id, { id, error, permanent: false })
        resolve()
      }
      try {
        channel.publish(this.#topology.exchange, routingKey, Buffer.from(payload), options, confirmed)
      } catch (error) {
        // Headers that are larger than a frame.
        if (!(error instanceof RangeError)) return reject(error)
        failures.set(id, { id, error, permanent: true })
        resolve()
      }
    })
  }

  #isClosed(error: unknown): boolean {
    return !(error instanceof Error) || !/nacked/i.test(error.message)
  }
}

/** Of a property that is a short string. */
const longestShort = 255

function shortText(text: string): string | undefined {
  return Buffer.byteLength(text) <= longestShort ? text : undefined
}
