import type { MessageToProduce } from '@platformatic/kafka'
import type { PublishFailure, WireMessage } from '../../driver.ts'
import { partitionOf } from '../../shards.ts'
import type { Clients } from './clients.ts'
import { answersOf, rootOf } from './failures.ts'
import { sizeOf, toRecord } from './records.ts'
import { keyOf, type Topics } from './topics.ts'

/** Bytes that go to a partition in one batch: half of what Kafka takes by default, as a batch counts like one message there. */
const batchSize = 512 * 1024
const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

interface Outgoing {
  readonly message: WireMessage
  readonly record: MessageToProduce
}

/** Publishes with an idempotent producer and `acks=all`: every replica in sync has a message before it counts as taken. */
export class Publishing {
  readonly #clients: Clients
  readonly #topics: Topics
  readonly #partitions: number

  constructor(clients: Clients, topics: Topics, partitions: number) {
    this.#clients = clients
    this.#topics = topics
    this.#partitions = partitions
  }

  async publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    const failures: PublishFailure[] = []
    try {
      await this.#topics.ensure([...new Set(messages.map(({ topic }) => this.#topics.name(topic)))])
      // One after the other: of a partition, nothing is written before what comes first in it.
      for (const round of rounds(messages.map(message => this.#outgoing(message))))
        failures.push(...(await this.#send(round)))
    } catch (error) {
      // A topic may be gone, or on its way to another broker.
      this.#topics.forget()
      this.#clients.renew()
      throw rootOf(error)
    }
    return failures
  }

  #outgoing(message: WireMessage): Outgoing {
    const topic = this.#topics.name(message.topic)
    // The same for every topic, whatever the number of its partitions; and all of ours are there, unless somebody made it with fewer.
    const partition = partitionOf(message, this.#partitions) % this.#topics.count(topic)
    return { message, record: toRecord(message, { topic, partition }) }
  }

  async #send(round: readonly Outgoing[]): Promise<PublishFailure[]> {
    try {
      await this.#clients.producer.send({
        messages: round.map(({ record }) => record),
        idempotent: true,
        acks: -1,
      })
      return []
    } catch (error) {
      if (!answersOf(error).some(answer => tooLarge.has(answer))) throw error
      const [first, ...others] = round
      if (others.length === 0) return [{ id: first!.message.id, error: rootOf(error), permanent: true }]
    }
    // One of them is: the broker refuses the batch with it as a whole.
    const failures: PublishFailure[] = []
    for (const each of round) failures.push(...(await this.#send([each])))
    return failures
  }
}

/** In order, so that no partition gets more than a batch in one of them, and what is larger than a batch goes alone. */
function* rounds(all: readonly Outgoing[]): Generator<Outgoing[]> {
  let round: Outgoing[] = []
  let full = false
  const sizes = new Map<string, number>()
  for (const each of all) {
    const place = keyOf(each.record as { topic: string; partition: number })
    const size = sizeOf(each.record)
    const before = sizes.get(place) ?? 0
    if (round.length > 0 && (full || before + size > batchSize)) {
      yield round
      round = []
      sizes.clear()
    }
    round.push(each)
    sizes.set(place, (sizes.get(place) ?? 0) + size)
    full = size > batchSize
  }
  if (round.length > 0) yield round
}
