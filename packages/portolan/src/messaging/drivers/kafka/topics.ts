import type { Clients } from './clients.ts'
import { answersOf, plainly } from './failures.ts'

/** A place in a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What a topic is made with; ours by default. */
interface Layout {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

export const earliest = -2n
export const latest = -1n
/** A tenth of a second each. */
const newTopicRetries = 100

/** The topics of a prefix: one for each message type. Each is made when it is first needed, and never deleted. */
export class Topics {
  readonly #prefix: string
  readonly #partitions: number
  readonly #clients: Clients
  readonly #known = new Map<string, { readonly id: string; readonly count: number }>()
  /** Those that were there when somebody last looked. */
  readonly #present = new Set<string>()

  constructor(prefix: string, partitions: number, clients: Clients) {
    this.#prefix = prefix
    this.#partitions = partitions
    this.#clients = clients
  }

  name(type: string): string {
    return `${this.#prefix}.${type}`
  }

  /** The message type whose topic this is. */
  typeOf(topic: string): string {
    return topic.slice(this.#prefix.length + 1)
  }

  /** Makes those that are not there; how often they are copied is the broker's default. */
  async ensure(topics: readonly string[], layout: Layout = {}): Promise<void> {
    const missing = topics.filter(topic => !this.#present.has(topic))
    if (missing.length === 0) return
    // Whoever may make none can use those that are there.
    if (await this.#look(missing, 0).catch(() => false)) return
    await this.#make(missing, layout)
    // It is made before every broker knows of it.
    await this.#look(missing, newTopicRetries)
  }

  /** Somebody may have deleted one. */
  forget(): void {
    this.#present.clear()
  }

  /** Of a topic that is ensured. An administrator may have made it with another number than ours. */
  count(topic: string): number {
    return this.#known.get(topic)!.count
  }

  /** Of a topic that is ensured: one that is made again has another. */
  id(topic: string): string {
    return this.#known.get(topic)!.id
  }

  /** The partitions of a topic that are read as our partition: all that others write to is read by somebody. */
  sharesOf(topic: string, partition: number): TopicPartition[] {
    return this.all([topic]).filter(share => share.partition % this.#partitions === partition)
  }

  all(topics: readonly string[]): TopicPartition[] {
    return topics.flatMap(topic =>
      Array.from({ length: this.count(topic) }, (_, partition) => ({ topic, partition })),
    )
  }

  /** The offset of the first message that is kept, or of the next one that will be written. */
  async offsets(places: readonly TopicPartition[], at: typeof earliest | typeof latest): Promise<Offsets> {
    const offsets = new Offsets()
    if (places.length === 0) return offsets
    const topics = byTopic(places).map(([name, partitions]) => ({
      name,
      partitions: partitions.map(partitionIndex => ({ partitionIndex, timestamp: at })),
    }))
    for (const { name, partitions } of await plainly(this.#clients.admin.listOffsets({ topics })))
      for (const { partitionIndex, offset } of partitions)
        offsets.set({ topic: name, partition: partitionIndex }, offset)
    return offsets
  }

  async #look(topics: readonly string[], retries: number): Promise<boolean> {
    const asked = { topics: [...topics], forceUpdate: true, retries }
    const { topics: found } = await this.#clients.admin.metadata(asked)
    for (const topic of topics) {
      const { id, partitionsCount } = found.get(topic)!
      this.#known.set(topic, { id, count: partitionsCount })
      this.#present.add(topic)
    }
    return true
  }

  async #make(
    topics: readonly string[],
    { partitions = this.#partitions, configs = {} }: Layout,
  ): Promise<void> {
    try {
      await this.#clients.admin.createTopics({
        ...{ topics: [...topics], partitions, replicas: -1 },
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      })
    } catch (error) {
      // Of several, some may have been there already, or been made by another process at this moment.
      const answers = answersOf(error)
      if (answers.length === 0 || answers.some(answer => answer !== 'TOPIC_ALREADY_EXISTS')) throw error
    }
  }
}

/** An offset for each of some places. */
export class Offsets {
  readonly #offsets = new Map<string, bigint>()

  set(place: TopicPartition, offset: bigint): void {
    this.#offsets.set(keyOf(place), offset)
  }

  get(place: TopicPartition): bigint | undefined {
    return this.#offsets.get(keyOf(place))
  }
}

/** No topic holds a colon. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`
}

export function byTopic(places: readonly TopicPartition[]): [topic: string, partitions: number[]][] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of places) {
    const partitions = topics.get(topic)
    if (partitions) partitions.push(partition)
    else topics.set(topic, [partition])
  }
  return [...topics]
}
