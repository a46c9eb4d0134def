import type { ConfirmChannel } from 'amqplib'
import type { Clock } from '../../../ports/time.ts'
import { plainName } from '../plain-name.ts'
import type { Link } from './link.ts'

/** So many deliveries that it is none: what keeps failing goes to the dead letters of the application, and never gets lost here. */
const deliveryLimit = 1_000_000
/**
 * Milliseconds that a group's new queues rest before it counts as bound. A node enters a new quorum queue in the directory on its disk
 * somewhat later than it says so (3.10: within a second). Killed before that, it never serves the queue again, and what it had
 * confirmed in there is lost.
 */
const settleMs = 1_500

/** The exchange and the queues that messaging needs: a queue for each partition of a group. */
export class Topology {
  readonly exchange: string
  readonly #prefix: string
  readonly #partitions: number
  readonly #link: Link
  readonly #clock: Clock
  readonly #bound = new Map<string, Set<string>>()

  constructor(prefix: string, partitions: number, link: Link, clock: Clock) {
    this.exchange = `${prefix}.messages`
    this.#prefix = prefix
    this.#partitions = partitions
    this.#link = link
    this.#clock = clock
  }

  queue(group: string, partition: number): string {
    return `${this.#prefix}.${plainName(group)}.${partition}`
  }

  routingKey(topic: string, partition: number): string {
    return `${partition}.${topic}`
  }

  /** Whether this process has bound a group to it. */
  isBound(topic: string): boolean {
    for (const topics of this.#bound.values()) if (topics.has(topic)) return true
    return false
  }

  async bind(group: string, topics: readonly string[]): Promise<void> {
    this.#bound.set(group, new Set([...(this.#bound.get(group) ?? []), ...topics]))
    const isNew = (await this.#messages(group)) === undefined
    await this.#link.briefly(channel => this.#declare(channel, group, topics))
    if (isNew) await this.#clock.sleep(settleMs)
  }

  /** Makes again whatever this process has bound: somebody may have deleted it. */
  async restore(): Promise<void> {
    await this.#link.briefly(async channel => {
      await this.#declareExchange(channel)
      for (const [group, topics] of this.#bound) await this.#declare(channel, group, [...topics])
    })
  }

  /** Resolves with the number of messages that were dropped, where the whole group is removed. */
  async unbind(group: string, topic: string, isLast: boolean): Promise<number> {
    this.#bound.get(group)?.delete(topic)
    if (isLast) this.#bound.delete(group)
    return this.#link.briefly(async channel => {
      let dropped = 0
      for (let partition = 0; partition < this.#partitions; partition++) {
        const queue = this.queue(group, partition)
        if (isLast) dropped += (await channel.deleteQueue(queue)).messageCount
        else await channel.unbindQueue(queue, this.exchange, this.routingKey(topic, partition))
      }
      return dropped
    })
  }

  /** What nobody has in hand. 0 where there is no such group. */
  async waiting(group: string): Promise<number> {
    return (await this.#messages(group)) ?? 0
  }

  /** In the queues of a group; `undefined`: one of them is missing. */
  async #messages(group: string): Promise<number | undefined> {
    try {
      return await this.#link.briefly(async channel => {
        let waiting = 0
        for (let partition = 0; partition < this.#partitions; partition++)
          waiting += (await channel.checkQueue(this.queue(group, partition))).messageCount
        return waiting
      })
    } catch (error) {
      if ((error as { code?: unknown }).code === notFound) return undefined
      throw error
    }
  }

  async #declare(channel: ConfirmChannel, group: string, topics: readonly string[]): Promise<void> {
    await Promise.all(
      Array.from({ length: this.#partitions }, async (_, partition) => {
        const queue = this.queue(group, partition)
        await channel.assertQueue(queue, {
          durable: true,
          arguments: {
            'x-queue-type': 'quorum',
            // Whoever takes a partition over gets nothing before what the last one had in hand has come back.
            'x-single-active-consumer': true,
            'x-delivery-limit': deliveryLimit,
          },
        })
        for (const topic of topics)
          await channel.bindQueue(queue, this.exchange, this.routingKey(topic, partition))
      }),
    )
  }

  async #declareExchange(channel: ConfirmChannel): Promise<void> {
    await channel.assertExchange(this.exchange, 'direct', { durable: true })
  }
}

const notFound = 404
