import type { ConsumeRequest, Consumption } from '../../driver.ts'
import { type Aborted, type Entry, Progress } from './progress.ts'
import { fromRecord } from './records.ts'
import { keyOf, type TopicPartition, type Topics } from './topics.ts'

type Batches = Parameters<Progress['add']>[0]

/** What a subscription tells those that fetch and commit for it. */
export interface Ear {
  /** There is room for more. */
  hungry(): void
  /** Something is finished. */
  finished(): void
  /** It takes nothing any more, and what it has finished must be committed. */
  closed(subscription: Subscription): Promise<void>
}

/** A place, how far it is read, and the topic that this is about: one that is made again is another. */
interface Reading {
  readonly place: TopicPartition
  readonly progress: Progress
  readonly id: string
}

/** One of our partitions in one group: the Kafka partitions that belong to it, of all topics of the group. */
export class Subscription implements Consumption {
  readonly #request: ConsumeRequest
  readonly #topics: Topics
  readonly #ear: Ear
  readonly #reading = new Map<string, Reading>()
  #inHand = 0
  #handingOut = false
  #attached = false
  #stopped = false
  #closing: Promise<void> | undefined

  constructor(request: ConsumeRequest, topics: Topics, ear: Ear) {
    this.#request = request
    this.#topics = topics
    this.#ear = ear
  }

  /** It knows from where on to read. */
  get attached(): boolean {
    return this.#attached
  }

  /** Whether it may read: it is not stopped, and the partition is this process's. */
  get active(): boolean {
    return !this.#stopped && this.#request.owns()
  }

  get topics(): string[] {
    return this.#request.topics.map(type => this.#topics.name(type))
  }

  get places(): TopicPartition[] {
    return this.topics.flatMap(topic => this.#topics.sharesOf(topic, this.#request.partition!))
  }

  attach(positionOf: (place: TopicPartition) => bigint): void {
    for (const place of this.places) this.#read(place, positionOf(place), this.#topics.id(place.topic))
    this.#attached = true
  }

  /** Where to fetch from, as far as there is room. */
  *wants(): Generator<TopicPartition & { readonly offset: bigint; readonly subscription: Subscription }> {
    if (!this.#attached || !this.active) return
    // Enough to hand out until the next ones are here.
    for (const { place, progress } of this.#reading.values())
      if (progress.waiting < this.#request.prefetch)
        yield { ...place, offset: progress.next, subscription: this }
  }

  take(place: TopicPartition, batches: Batches, aborted: readonly Aborted[]): void {
    this.progressOf(place)?.add(batches, aborted)
    this.#handOut()
  }

  /** Goes on at `offset`. What is in hand from before is not tracked any more. */
  restart(place: TopicPartition, offset: bigint, id = this.#reading.get(keyOf(place))?.id ?? ''): void {
    this.#read(place, offset, id)
  }

  /** Whether the topic is still the same; one that was made again is read from its start. */
  follows(place: TopicPartition, id: string): boolean {
    if (this.#reading.get(keyOf(place))?.id === id) return true
    this.#read(place, 0n, id)
    return false
  }

  progressOf(place: TopicPartition): Progress | undefined {
    return this.#reading.get(keyOf(place))?.progress
  }

  /** Each place with how far it has come. */
  positions(): Iterable<Reading> {
    return this.#reading.values()
  }

  async stop(): Promise<void> {
    this.#stopped = true
  }

  close(): Promise<void> {
    this.#stopped = true
    this.#closing ??= this.#ear.closed(this)
    return this.#closing
  }

  #read(place: TopicPartition, offset: bigint, id: string): void {
    this.#reading.set(keyOf(place), { place, progress: new Progress(offset), id })
  }

  #handOut(): void {
    // Whoever acknowledges at once would begin it within itself.
    if (this.#handingOut) return
    this.#handingOut = true
    while (this.#handOutRound()) {}
    this.#handingOut = false
  }

  /** The next one of each place, as far as there is room. `false`: there was none. */
  #handOutRound(): boolean {
    let found = false
    for (const { place, progress } of this.#reading.values()) {
      if (this.#inHand >= this.#request.prefetch || !this.active) return false
      const entry = progress.take()
      if (!entry) continue
      found = true
      this.#deliver(place, progress, entry)
    }
    return found
  }

  #deliver(place: TopicPartition, progress: Progress, { offset, record }: Entry): void {
    this.#inHand++
    let done = false
    this.#request.deliver({
      message: fromRecord(record, place, offset, this.#topics.typeOf(place.topic)),
      ack: async () => {
        if (done || this.#closing) return
        done = true
        this.#inHand--
        progress.finish(offset)
        this.#ear.finished()
        this.#handOut()
        if (progress.waiting < this.#request.prefetch / 2) this.#ear.hungry()
      },
    })
  }
}
