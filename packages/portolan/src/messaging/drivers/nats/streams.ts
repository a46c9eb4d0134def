import type * as jetstream from '@nats-io/jetstream'
import type { Consumer, JetStreamClient, JetStreamManager, StreamInfo } from '@nats-io/jetstream'
import { plainName } from '../plain-name.ts'
import { isAnswer } from './answers.ts'
import { makeStream } from './make-stream.ts'

type Library = typeof jetstream

/** Nanoseconds. So long nobody asks a consumer for messages while handlers are slow. */
const forgottenAfter = 3_600_000_000_000

/**
 * A stream for each partition of each topic. It keeps what it is given until every group has had it, which the groups' positions tell.
 *
 * JetStream could know that by itself, by retention by interest and acknowledgements. But a server that is killed (2.9.10) then forgets
 * what it has confirmed and a consumer that is far behind has not had; and one that is told to remove what all have acknowledged forgets
 * what they have in hand. A stream in which only what is behind everybody goes, and never its newest message, has neither gaps nor
 * consumers to remember, nor a count to begin anew.
 */
export class Streams {
  readonly #prefix: string
  readonly #library: Library
  readonly #manager: JetStreamManager
  readonly #client: JetStreamClient
  readonly #made = new Set<string>()

  constructor(prefix: string, library: Library, manager: JetStreamManager, client: JetStreamClient) {
    this.#prefix = prefix
    this.#library = library
    this.#manager = manager
    this.#client = client
  }

  name(topic: string, partition: number): string {
    return `${this.#prefix}-${partition}-${plainName(topic)}`
  }

  /** Of all messages of a stream. */
  subject(topic: string, partition: number): string {
    return `${this.#prefix}.${partition}.${topic}`
  }

  /** Whether this process has made it. */
  has(topic: string, partition: number): boolean {
    return this.#made.has(this.subject(topic, partition))
  }

  /** Idempotent. */
  async make(topic: string, partition: number): Promise<void> {
    const subject = this.subject(topic, partition)
    if (this.#made.has(subject)) return
    const { RetentionPolicy, StorageType } = this.#library
    await makeStream(this.#manager, {
      ...{ name: this.name(topic, partition), subjects: [subject] },
      ...{ retention: RetentionPolicy.Limits, storage: StorageType.File },
    })
    this.#made.add(subject)
  }

  /** They may be gone: each is made again before it is used. */
  forget(): void {
    this.#made.clear()
  }

  /** The sequences of its oldest and of its newest message; 0: it has none, or is not there. */
  async extent(name: string): Promise<{ readonly first: number; readonly last: number }> {
    try {
      const { state } = await this.#manager.streams.info(name)
      return { first: state.first_seq, last: state.last_seq }
    } catch (error) {
      if (isAnswer(error, 'streamNotFound')) return { first: 0, last: 0 }
      throw error
    }
  }

  /** Whoever reads what is there from a sequence on: the server remembers nothing of it but where it is. */
  async read(name: string, from: number): Promise<Consumer> {
    const { AckPolicy, DeliverPolicy } = this.#library
    const info = await this.#manager.consumers.add(name, {
      ...{ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from },
      ...{ ack_policy: AckPolicy.None, inactive_threshold: forgottenAfter, mem_storage: true },
    })
    return this.#client.consumers.getConsumerFromInfo(info)
  }

  /** Removes what is before `sequence`. */
  async trim(name: string, sequence: number): Promise<void> {
    await this.#manager.streams.purge(name, { seq: sequence })
  }

  /** Those that are there, whoever has made them. */
  async all(): Promise<StreamInfo[]> {
    const found: StreamInfo[] = []
    const root = `${this.#prefix}.`
    for await (const info of this.#manager.streams.list(`${root}>`))
      if (info.config.subjects?.[0]?.startsWith(root)) found.push(info)
    return found
  }
}
