import type * as jetstreamClient from '@nats-io/jetstream'
import type { JetStreamClient } from '@nats-io/jetstream'
import type * as transportClient from '@nats-io/transport-node'
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import type { Health } from '../../../ports/service.ts'
import { loadClient } from '../../../runtime/clients.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { type BrokerAddress, type BrokerUrlForm, parseBrokerUrl } from '../../broker-url.ts'
import { dataType, toHeaders } from '../../cloud-events.ts'
import type {
  Backlog,
  BrokerCapabilities,
  BrokerDriver,
  ConsumeRequest,
  Consumption,
  PublishFailure,
  WireMessage,
} from '../../driver.ts'
import { partitionOf } from '../../shards.ts'
import { Bindings } from './bindings.ts'
import { encodeHeader } from './header-text.ts'
import { Positions } from './positions.ts'
import { Streams } from './streams.ts'
import { headerPrefix, Subscription } from './subscription.ts'
import { Trimming } from './trimming.ts'

const form: BrokerUrlForm = {
  example: 'nats://user:password@host:4222',
  ports: { nats: 4222, 'nats+tls': 4222 },
  partitions: 8,
}
const timeoutMs = 10_000

interface Libraries {
  readonly transport: typeof transportClient
  readonly jetstream: typeof jetstreamClient
}

/** NATS with JetStream 2.9 or later. Needs the packages `@nats-io/transport-node` and `@nats-io/jetstream`. */
export async function openNats(url: string, surroundings: Surroundings): Promise<BrokerDriver> {
  const address = parseBrokerUrl(url, form)
  const [transport, jetstream] = await Promise.all([
    loadClient('@nats-io/transport-node', () => import('@nats-io/transport-node')),
    loadClient('@nats-io/jetstream', () => import('@nats-io/jetstream')),
  ])
  return new JetStream(address, { transport, jetstream }, surroundings)
}

class JetStream implements BrokerDriver {
  readonly name = 'nats'
  readonly capabilities: BrokerCapabilities = {
    ...{ durable: true, survivesKill: true, orderAcrossTypes: false },
    ...{ history: false, largeMessages: false, backlogAtRest: true },
  }
  readonly partitions: number
  readonly #address: BrokerAddress
  readonly #libraries: Libraries
  readonly #surroundings: Surroundings
  readonly #subscriptions = new Set<Subscription>()
  #connection: NatsConnection | undefined
  #client: JetStreamClient | undefined
  #streams: Streams | undefined
  #positions: Positions | undefined
  #bindings: Bindings | undefined
  #trimming: Trimming | undefined
  #connected = false

  constructor(address: BrokerAddress, libraries: Libraries, surroundings: Surroundings) {
    this.#address = address
    this.partitions = address.partitions
    this.#libraries = libraries
    this.#surroundings = surroundings
  }

  async open(): Promise<void> {
    const { hosts, user, password, encrypted, prefix } = this.#address
    const { transport, jetstream } = this.#libraries
    this.#connection = await transport.connect({
      servers: hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`),
      ...(user !== undefined && { user, pass: password ?? '' }),
      ...(encrypted && { tls: {} }),
      ...{ maxReconnectAttempts: -1, reconnectTimeWait: 500, timeout: timeoutMs / 2, pingInterval: 5_000 },
      // Each request would take a stack along, in case that it fails.
      noAsyncTraces: true,
    })
    this.#connected = true
    void this.#watch(this.#connection)
    const manager = await jetstream.jetstreamManager(this.#connection, { timeout: timeoutMs })
    this.#client = jetstream.jetstream(this.#connection, { timeout: timeoutMs })
    this.#streams = new Streams(prefix, jetstream, manager, this.#client)
    this.#positions = new Positions(prefix, jetstream, manager, this.#client)
    this.#bindings = new Bindings(this.#streams, this.#positions, this.partitions)
    this.#trimming = new Trimming(this.#streams, this.#positions, this.#surroundings)
    await this.#positions.open()
  }

  denies(error: unknown): boolean {
    return error instanceof Error && /^(Authorization|UserAuthenticationExpired)Error$/.test(error.name)
  }

  bind(group: string, topics: readonly string[]): Promise<void> {
    return this.#bindings!.bind(group, topics)
  }

  unbind(group: string, topic: string): Promise<number> {
    return this.#bindings!.unbind(group, topic)
  }

  async publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    if (!this.#connected) throw new Error('NATS is not connected.')
    this.#trimming!.start()
    await this.#makeStreams(messages)
    const answers = await Promise.allSettled(messages.map(message => this.#publish(message)))
    const failures: PublishFailure[] = []
    for (const [at, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') continue
      const error = answer.reason as Error
      const permanent = error.name === 'InvalidArgumentError'
      // An answer of JetStream is about this message; without one, nothing is known about any.
      if (!permanent && error.name !== 'JetStreamApiError') {
        this.#streams!.forget()
        throw error
      }
      failures.push({ id: messages[at]!.id, error, permanent })
    }
    return failures
  }

  async consume(request: ConsumeRequest): Promise<Consumption> {
    this.#trimming!.start()
    const own = request.topics.map(
      topic => new Subscription(topic, request, this.#streams!, this.#positions!, this.#surroundings),
    )
    for (const subscription of own) {
      this.#subscriptions.add(subscription)
      subscription.start()
    }
    return {
      stop: async () => void (await Promise.all(own.map(subscription => subscription.stop()))),
      close: async () => {
        for (const subscription of own) this.#subscriptions.delete(subscription)
        await this.#closeAll(own)
      },
    }
  }

  async backlog(groups: readonly string[]): Promise<readonly Backlog[]> {
    const waiting = await Promise.all(groups.map(group => this.#bindings!.backlog(group)))
    return groups.map((group, at) => ({ group, waiting: waiting[at]!, oldest: undefined }))
  }

  async health(): Promise<Health> {
    return this.#connected ? { status: 'up' } : { status: 'degraded', detail: 'NATS: Not connected.' }
  }

  async close(): Promise<void> {
    await this.#trimming?.stop()
    await this.#closeAll([...this.#subscriptions])
    await this.#connection?.close()
  }

  async #closeAll(subscriptions: readonly Subscription[]): Promise<void> {
    // While there is no connection, nobody could be told how far they have come.
    if (!this.#connected) for (const subscription of subscriptions) subscription.lost()
    await Promise.all(subscriptions.map(subscription => subscription.close()))
  }

  /** Before any of them is published, as those of a key go out in their order. */
  async #makeStreams(messages: readonly WireMessage[]): Promise<void> {
    const making: Promise<void>[] = []
    for (const message of messages) {
      const partition = partitionOf(message, this.partitions)
      if (!this.#streams!.has(message.topic, partition))
        making.push(this.#streams!.make(message.topic, partition))
    }
    await Promise.all(making)
  }

  async #publish(message: WireMessage): Promise<void> {
    const subject = this.#streams!.subject(message.topic, partitionOf(message, this.partitions))
    await this.#client!.publish(subject, message.payload, {
      ...{ msgID: message.id, headers: this.#headers(message), timeout: timeoutMs },
    })
  }

  #headers(message: WireMessage): MsgHdrs {
    const headers = this.#libraries.transport.headers()
    headers.set(`${headerPrefix}datacontenttype`, dataType)
    for (const [name, value] of Object.entries(toHeaders(message, headerPrefix)))
      headers.set(name, encodeHeader(value))
    return headers
  }

  /** Until the connection is closed. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.#connected = false
      if (type !== 'reconnect') continue
      this.#connected = true
      for (const subscription of this.#subscriptions) subscription.lost()
    }
  }
}
