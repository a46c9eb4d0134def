import type { ClusterMetadata, Consumer } from '@platformatic/kafka'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { Loop } from '../../loop.ts'
import type { Bindings } from './bindings.ts'
import { type Clients, leave } from './clients.ts'
import type { Committed } from './committed.ts'
import { answerOf, rootOf } from './failures.ts'
import type { Ear, Subscription } from './subscription.ts'
import { byTopic, earliest, keyOf, latest, type TopicPartition, type Topics } from './topics.ts'

/** Milliseconds that a fetch waits for a message where there is none: the least, after there was something to do, and the most. */
const patience = { least: 20, most: 500 }
/** Milliseconds between two commits, and after which what did not change is committed again: Kafka forgets old commits. */
const commitPace = { least: 100, most: 60_000 }
const recommitMs = 3_600_000
/** How long a consumption that closes waits for its last commit. */
const lastCommitMs = 5_000
const partitionBytes = 1 << 20
const responseBytes = 16 << 20
const readCommitted = 1

export interface ReaderParts {
  readonly clients: Clients
  readonly topics: Topics
  readonly bindings: Bindings
  readonly committed: Committed
  readonly surroundings: Surroundings
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>
type Want = ReturnType<Subscription['wants']> extends Generator<infer W> ? W : never

/** Fetches for all of a group's partitions that this process has, over one connection to each broker, and commits how far they are. */
export class GroupReader implements Ear {
  readonly #group: string
  readonly #parts: ReaderParts
  readonly #subscriptions = new Set<Subscription>()
  readonly #fetching: Loop
  readonly #committing: Loop
  /** The fetches in progress, by the broker that is asked. */
  readonly #polls = new Set<number>()
  #consumer: Consumer | undefined
  #failure: unknown
  #patience = patience.least
  #commits: Promise<unknown> = Promise.resolve()
  #recommitted: number

  constructor(group: string, parts: ReaderParts) {
    this.#group = group
    this.#parts = parts
    const { surroundings } = parts
    this.#recommitted = surroundings.clock.monotonic()
    this.#fetching = new Loop(surroundings, `read for group '${group}'`, () => this.#fetch())
    const what = `commit the offsets of group '${group}'`
    this.#committing = new Loop(surroundings, what, () => this.#commitSoon(), commitPace)
  }

  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription)
    this.#fetching.start()
    this.#committing.start()
    this.hungry()
  }

  hungry(): void {
    this.#patience = patience.least
    this.#fetching.wake()
  }

  finished(): void {
    this.#committing.hurry()
  }

  async closed(subscription: Subscription): Promise<void> {
    // While Kafka is away, whoever is next gets it again, and recognises it.
    await this.#commitInTime()
    this.#subscriptions.delete(subscription)
  }

  /** How far this process has come in a place that it reads. */
  progressOf(place: TopicPartition) {
    for (const subscription of this.#subscriptions) {
      const progress = subscription.active ? subscription.progressOf(place) : undefined
      if (progress) return progress
    }
    return undefined
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map(subscription => subscription.close()))
    await this.#fetching.stop()
    await this.#committing.stop()
    this.#renew()
  }

  async #fetch(): Promise<number> {
    try {
      if (this.#failure !== undefined) throw this.#failure
      await this.#attach()
      await this.#pollAll()
    } catch (error) {
      this.#failure = undefined
      this.#renew()
      // A topic may be gone: it is made again, and the place in it looked up.
      this.#parts.topics.forget()
      throw rootOf(error)
    }
    return Infinity
  }

  async #attach(): Promise<void> {
    const fresh = [...this.#subscriptions].filter(({ attached, active }) => !attached && active)
    const { topics, bindings, committed } = this.#parts
    await topics.ensure([...new Set([...this.#subscriptions].flatMap(each => each.topics))])
    if (fresh.length === 0) return
    await bindings.refresh()
    const [offsets] = await committed.of([this.#group])
    for (const subscription of fresh) {
      subscription.attach(place => {
        const start = bindings.start(this.#group, place)
        if (start === undefined)
          throw new Error(`Group '${this.#group}' is not bound to '${place.topic}' any more.`)
        const reached = offsets!.get(place) ?? start
        return reached > start ? reached : start
      })
    }
  }

  async #pollAll(): Promise<void> {
    const wants = [...this.#subscriptions].flatMap(subscription => [...subscription.wants()])
    if (wants.length === 0) return
    const consumer = this.#consumer ?? this.#parts.clients.consumer(this.#parts.committed.name(this.#group))
    this.#consumer = consumer
    const names = [...new Set(wants.map(({ topic }) => topic))]
    for (const name of names) if (!consumer.topics.has(name)) consumer.topics.track(name)
    const metadata = await consumer.metadata({ topics: names })
    const stale = wants.filter(({ subscription, ...place }) => {
      const id = metadata.topics.get(place.topic)!.id
      return !subscription.follows(place, id)
    })
    if (stale.length > 0) return this.#fetching.wake()
    const leaders = Map.groupBy(
      wants,
      want => metadata.topics.get(want.topic)?.partitions[want.partition]?.leader ?? -1,
    )
    for (const [node, asked] of leaders) {
      if (this.#polls.has(node)) continue
      this.#polls.add(node)
      void this.#poll(consumer, node, asked, metadata)
        .catch(error => {
          // One that was given up has nothing more to tell.
          if (consumer === this.#consumer) this.#failure ??= error
        })
        .then(() => {
          this.#polls.delete(node)
          this.#fetching.wake()
        })
    }
  }

  async #poll(
    consumer: Consumer,
    node: number,
    wants: readonly Want[],
    { topics }: ClusterMetadata,
  ): Promise<void> {
    const wanted = new Map(wants.map(want => [`${topics.get(want.topic)!.id}:${want.partition}`, want]))
    const asked = byTopic(wants).map(([topic, partitions]) => ({
      topicId: topics.get(topic)!.id,
      partitions: partitions.map(partition => ({
        ...{ partition, currentLeaderEpoch: -1, lastFetchedEpoch: -1, partitionMaxBytes: partitionBytes },
        fetchOffset: wants.find(want => want.topic === topic && want.partition === partition)!.offset,
      })),
    }))
    const limits = { minBytes: 1, maxBytes: responseBytes, maxWaitTime: this.#patience }
    let response: FetchResponse
    try {
      response = await consumer.fetch({ node, topics: asked, isolationLevel: readCommitted, ...limits })
    } catch (error) {
      if (answerOf(error) !== 'OFFSET_OUT_OF_RANGE') throw error
      await this.#goOn(wants)
      return
    }
    let found = false
    for (const { topicId, partitions } of response.responses) {
      for (const { partitionIndex, records, abortedTransactions } of partitions) {
        const want = wanted.get(`${topicId}:${partitionIndex}`)
        if (!want || !records?.length) continue
        found = true
        want.subscription.take(want, records, abortedTransactions ?? [])
      }
    }
    this.#patience = found ? patience.least : Math.min(patience.most, this.#patience * 2)
  }

  /** Kafka has deleted what was to be read, by the retention of the topic or with it: goes on with the oldest that is kept. */
  async #goOn(wants: readonly Want[]): Promise<void> {
    const { topics, surroundings } = this.#parts
    const firsts = await topics.offsets(wants, earliest)
    const ends = await topics.offsets(wants, latest)
    for (const want of wants) {
      const [first, end] = [firsts.get(want), ends.get(want)]
      if (first === undefined || end === undefined || (want.offset >= first && want.offset <= end)) continue
      want.subscription.restart(want, first)
      surroundings.logger.warn(
        'Kafka no longer has what a group was to read next; it goes on with the oldest message.',
        {
          ...{ group: this.#group, place: keyOf(want), wanted: String(want.offset), oldest: String(first) },
        },
      )
    }
  }

  async #commitSoon(): Promise<number> {
    const now = this.#parts.surroundings.clock.monotonic()
    const again = now - this.#recommitted > recommitMs
    await this.#commit([...this.#subscriptions], again)
    if (again) this.#recommitted = now
    return Infinity
  }

  /** One after the other, so that none overtakes a later one. */
  #commit(subscriptions: readonly Subscription[], unchanged = false): Promise<void> {
    const commit = async () => {
      const changed = subscriptions
        .flatMap(subscription => [...subscription.positions()])
        .map(({ place, progress }) => ({ place, progress, offset: progress.position }))
        .filter(({ progress, offset }) => unchanged || progress.committed !== offset)
      if (changed.length === 0) return
      const places = changed.map(({ place, offset }) => ({ ...place, offset }))
      await this.#parts.committed.commit(this.#group, places)
      for (const { progress, offset } of changed) progress.committed = offset
    }
    const done = this.#commits.then(commit)
    this.#commits = done.catch(() => {})
    return done
  }

  async #commitInTime(): Promise<void> {
    const { clock } = this.#parts.surroundings
    const late = Promise.withResolvers<void>()
    const timer = clock.timer(lastCommitMs, late.resolve)
    await Promise.race([this.#commit([...this.#subscriptions]).catch(() => {}), late.promise])
    timer.cancel()
  }

  #renew(): void {
    if (this.#consumer) leave(this.#consumer)
    this.#consumer = undefined
  }
}
