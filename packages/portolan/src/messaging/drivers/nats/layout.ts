import type * as jetstream from '@nats-io/jetstream'
import type { ConsumerConfig, ConsumerInfo, JetStreamManager } from '@nats-io/jetstream'
import type { Ids } from '../../../ports/identity.ts'
import { plainName } from '../plain-name.ts'
import type { Readers } from './readers.ts'

type Library = typeof jetstream

/** Nanoseconds. What is not acknowledged comes again when its partition is taken over, long before this. */
const ackWait = 3_600_000_000_000

/**
 * One stream, which keeps a message until every group that is bound to its topic has acknowledged it; and in it a durable consumer for
 * each group, partition and topic.
 *
 * Whoever takes a partition over makes a new consumer that begins where the last one was acknowledged without a gap, and deletes the
 * last one: what that one had handed out comes again at once and in order, and whoever still reads from it gets nothing more.
 */
export class Layout {
  readonly stream: string
  readonly #library: Library
  readonly #manager: JetStreamManager
  readonly #readers: Readers
  readonly #ids: Ids

  constructor(prefix: string, library: Library, manager: JetStreamManager, readers: Readers, ids: Ids) {
    this.stream = prefix
    this.#library = library
    this.#manager = manager
    this.#readers = readers
    this.#ids = ids
  }

  subject(topic: string, partition: number): string {
    return `${this.stream}.${partition}.${topic}`
  }

  async open(): Promise<void> {
    const { RetentionPolicy, StorageType } = this.#library
    await this.#manager.streams.add({
      ...{ name: this.stream, subjects: [`${this.stream}.>`] },
      ...{ retention: RetentionPolicy.Interest, storage: StorageType.File },
    })
    await this.#readers.open()
  }

  /** Each group gets what is published from now on. */
  async bind(group: string, topics: readonly string[], partitions: number): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      for (const topic of topics) {
        const slot = slotOf(group, partition, topic)
        if (await this.#readers.current(slot)) continue
        const name = await this.#create(slot, topic, partition, {})
        if (!(await this.#readers.replace(slot, undefined, name))) await this.#delete(name)
      }
    }
  }

  /** Resolves with the number of messages that were waiting. */
  async unbind(group: string, topic: string, partitions: number): Promise<number> {
    let waiting = 0
    for (let partition = 0; partition < partitions; partition++) {
      const slot = slotOf(group, partition, topic)
      const reader = await this.#readers.current(slot)
      await this.#readers.remove(slot)
      if (reader) waiting += waitingIn(await this.#manager.consumers.info(this.stream, reader.name))
      for (const { name } of await this.#consumers()) if (slotOfName(name) === slot) await this.#delete(name)
    }
    return waiting
  }

  /** The name of a consumer that nobody else reads from. At most `prefetch` of its messages are unacknowledged at a time. */
  async takeOver(group: string, partition: number, topic: string, prefetch: number): Promise<string> {
    const slot = slotOf(group, partition, topic)
    const last = await this.#readers.current(slot)
    if (!last) throw new Error(`Group '${group}' is not bound to '${topic}' any more.`)
    const { ack_floor } = await this.#manager.consumers.info(this.stream, last.name)
    const name = await this.#create(slot, topic, partition, {
      max_ack_pending: prefetch,
      deliver_policy: this.#library.DeliverPolicy.StartSequence,
      opt_start_seq: ack_floor.stream_seq + 1,
    })
    if (!(await this.#readers.replace(slot, last, name))) {
      await this.#delete(name)
      throw new Error('Another process has taken the partition over.')
    }
    await this.#delete(last.name)
    return name
  }

  /**
   * Deletes what a process has left that was killed while it replaced a consumer: nobody reads from it, and the stream would keep its
   * messages for ever. What is newer than the one that is read from may be about to replace it.
   */
  async sweep(): Promise<void> {
    for (const [slot, infos] of Map.groupBy(await this.#consumers(), ({ name }) => slotOfName(name))) {
      if (infos.length === 1) continue
      const reader = await this.#readers.current(slot)
      const current = infos.find(({ name }) => name === reader?.name)
      for (const info of infos) if (current && isOlder(info, current)) await this.#delete(info.name)
    }
  }

  /** What waits for each group, what is in hand included. */
  async backlog(groups: readonly string[]): Promise<number[]> {
    const latest = new Map<string, ConsumerInfo>()
    for (const info of await this.#consumers()) {
      const slot = slotOfName(info.name)
      const other = latest.get(slot)
      // Both are there for a moment while a partition is taken over.
      if (!other || isOlder(other, info)) latest.set(slot, info)
    }
    return groups.map(group => {
      let waiting = 0
      for (const [slot, info] of latest)
        if (slot.startsWith(`${plainName(group)}-`)) waiting += waitingIn(info)
      return waiting
    })
  }

  async #consumers(): Promise<ConsumerInfo[]> {
    const found: (ConsumerInfo | null)[] = []
    for await (const info of this.#manager.consumers.list(this.stream)) found.push(info)
    // One that is being deleted has a name and nothing else.
    return found.filter(info => info !== null)
  }

  async #create(
    slot: string,
    topic: string,
    partition: number,
    more: Partial<ConsumerConfig>,
  ): Promise<string> {
    const { AckPolicy, DeliverPolicy } = this.#library
    const name = `${slot}-${this.#ids.next().replaceAll('-', '')}`
    await this.#manager.consumers.add(this.stream, {
      ...{ durable_name: name, filter_subject: this.subject(topic, partition) },
      ...{ ack_policy: AckPolicy.Explicit, ack_wait: ackWait, deliver_policy: DeliverPolicy.New },
      ...more,
    })
    return name
  }

  async #delete(name: string): Promise<void> {
    // Somebody else may have been quicker.
    await this.#manager.consumers.delete(this.stream, name).catch(() => {})
  }
}

function slotOf(group: string, partition: number, topic: string): string {
  return `${plainName(group)}-${partition}-${plainName(topic)}`
}

/** That of which a consumer is, or was. */
function slotOfName(name: string): string {
  return name.slice(0, name.lastIndexOf('-'))
}

/** Their moments are in UTC, to the nanosecond, without the zeros at the end. */
function isOlder(a: ConsumerInfo, b: ConsumerInfo): boolean {
  return a.created.replace('Z', '') < b.created.replace('Z', '')
}

function waitingIn({ num_pending, num_ack_pending }: ConsumerInfo): number {
  return num_pending + num_ack_pending
}
