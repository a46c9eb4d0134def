import type { RecordsBatch } from '@platformatic/kafka'
import { type Clients, leave } from './clients.ts'
import { plainly } from './failures.ts'
import { latest, type TopicPartition, type Topics } from './topics.ts'

/** A line of the log: from where on a group gets a topic, for each partition; `null`: no more. */
interface Line {
  readonly group: string
  readonly topic: string
  readonly starts: readonly string[] | null
  /** Of the topic that they are places in. */
  readonly id?: string
}

type Binding = { readonly starts: readonly bigint[]; readonly id: string | undefined }

/**
 * Which group gets which topics, and from where on. Kafka has no such notion: to whom nothing was ever committed would begin at the
 * end, whenever it asks, and miss what came before that. It is a log of its own in Kafka, a topic with one partition that keeps
 * everything: of several processes that bind at once, the first line counts, and all of them see the same first line.
 */
export class Bindings {
  readonly #topic: string
  readonly #clients: Clients
  readonly #topics: Topics
  #groups = new Map<string, Map<string, Binding>>()
  #next = 0n
  #work: Promise<unknown> = Promise.resolve()

  constructor(prefix: string, clients: Clients, topics: Topics) {
    // The names of message types follow a dot: there is none that is called so.
    this.#topic = `${prefix}-bindings`
    this.#clients = clients
    this.#topics = topics
  }

  async open(): Promise<void> {
    const configs = { 'retention.ms': '-1', 'retention.bytes': '-1', 'cleanup.policy': 'delete' }
    await this.#topics.ensure([this.#topic], { partitions: 1, configs })
  }

  /** As of the last `refresh`. */
  topicsOf(group: string): string[] {
    return [...(this.#groups.get(group)?.keys() ?? [])]
  }

  /** As of the last `refresh`; `undefined`: the group does not get that topic. */
  start(group: string, { topic, partition }: TopicPartition): bigint | undefined {
    const binding = this.#groups.get(group)?.get(topic)
    if (!binding || binding.id !== this.#topics.id(topic)) return binding && 0n
    // A partition that was added later is all its own, as is a topic that was made again.
    return binding.starts[partition] ?? 0n
  }

  /** From now on. Nothing for topics that the group gets already. */
  async add(group: string, topics: readonly string[]): Promise<void> {
    await this.refresh()
    const missing = topics.filter(topic => !this.#groups.get(group)?.has(topic))
    if (missing.length === 0) return
    const places = this.#topics.all(missing)
    const ends = await this.#topics.offsets(places, latest)
    const startsOf = (topic: string) =>
      places.filter(place => place.topic === topic).map(place => String(ends.get(place) ?? 0n))
    await this.#append(
      missing.map(topic => ({ group, topic, starts: startsOf(topic), id: this.#topics.id(topic) })),
    )
  }

  async remove(group: string, topics: readonly string[]): Promise<void> {
    if (topics.length > 0) await this.#append(topics.map(topic => ({ group, topic, starts: null })))
  }

  /** Reads what others have written. */
  refresh(): Promise<void> {
    const reading = this.#work.then(() => this.#read())
    this.#work = reading.catch(() => {})
    return reading
  }

  async #append(lines: readonly Line[]): Promise<void> {
    const messages = lines.map(line => ({
      ...{ topic: this.#topic, partition: 0 },
      ...{ key: Buffer.from(line.group), value: Buffer.from(JSON.stringify(line)) },
    }))
    await plainly(this.#clients.producer.send({ messages, idempotent: true, acks: -1 }))
    await this.refresh()
  }

  async #read(): Promise<void> {
    const place = { topic: this.#topic, partition: 0 }
    const end = (await this.#topics.offsets([place], latest)).get(place) ?? 0n
    if (this.#next === end) return
    // Somebody has deleted the log.
    if (this.#next > end) this.#startOver()
    const consumer = this.#clients.consumer(this.#topic)
    try {
      consumer.topics.track(this.#topic)
      const { topics } = await consumer.metadata({ topics: [this.#topic] })
      const { id, partitions } = topics.get(this.#topic)!
      while (this.#next < end) {
        const epochs = { currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
        const asked = { ...{ partition: 0, fetchOffset: this.#next, partitionMaxBytes: 1 << 20 }, ...epochs }
        const { responses } = await consumer.fetch({
          ...{ node: partitions[0]!.leader, topics: [{ topicId: id, partitions: [asked] }] },
          ...{ minBytes: 1, maxBytes: 1 << 20, maxWaitTime: 500 },
        })
        for (const batch of responses[0]?.partitions[0]?.records ?? []) this.#take(batch)
      }
    } finally {
      leave(consumer)
    }
  }

  #startOver(): void {
    this.#next = 0n
    this.#groups = new Map()
  }

  #take({ firstOffset, lastOffsetDelta, records }: RecordsBatch): void {
    for (const { offsetDelta, value } of records)
      if (firstOffset + BigInt(offsetDelta) >= this.#next) this.#apply(JSON.parse(String(value)) as Line)
    this.#next = firstOffset + BigInt(lastOffsetDelta) + 1n
  }

  #apply({ group, topic, starts, id }: Line): void {
    const topics = this.#groups.get(group) ?? new Map<string, Binding>()
    this.#groups.set(group, topics)
    if (starts === null) topics.delete(topic)
    else if (!topics.has(topic)) topics.set(topic, { starts: starts.map(BigInt), id })
  }
}
