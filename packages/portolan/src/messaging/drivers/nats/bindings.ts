import type { Positions } from './positions.ts'
import type { Streams } from './streams.ts'

/** Which groups get what: a group that is bound to a topic has a position in each of its streams. */
export class Bindings {
  readonly #streams: Streams
  readonly #positions: Positions
  readonly #partitions: readonly number[]

  constructor(streams: Streams, positions: Positions, partitions: number) {
    this.#streams = streams
    this.#positions = positions
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition)
  }

  /** The group gets what is published from now on. */
  async bind(group: string, topics: readonly string[]): Promise<void> {
    for (const topic of topics)
      await Promise.all(this.#partitions.map(partition => this.#bind(group, topic, partition)))
  }

  /** Resolves with the number of messages that were waiting. */
  async unbind(group: string, topic: string): Promise<number> {
    const streams = this.#partitions.map(partition => this.#streams.name(topic, partition))
    return sum(await Promise.all(streams.map(stream => this.#unbind(group, stream))))
  }

  /** What waits for a group, what is in hand included. */
  async backlog(group: string): Promise<number> {
    const streams = await this.#positions.streams(group)
    const waiting = await Promise.all(streams.map(stream => this.#waiting(group, stream)))
    return sum(waiting.map(each => each ?? 0))
  }

  async #bind(group: string, topic: string, partition: number): Promise<void> {
    await this.#streams.make(topic, partition)
    const stream = this.#streams.name(topic, partition)
    const { last } = await this.#streams.extent(stream)
    await this.#positions.begin(stream, group, last)
  }

  async #unbind(group: string, stream: string): Promise<number> {
    const waiting = await this.#waiting(group, stream)
    if (waiting === undefined) return 0
    await this.#positions.remove(stream, group)
    return waiting
  }

  /** `undefined`: the group is not bound to the stream. */
  async #waiting(group: string, stream: string): Promise<number | undefined> {
    const position = await this.#positions.of(stream, group)
    if (!position) return undefined
    const { last } = await this.#streams.extent(stream)
    return Math.max(0, last - position.sequence)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
