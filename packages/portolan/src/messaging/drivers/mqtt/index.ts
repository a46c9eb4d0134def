import type { IPublishPacket } from 'mqtt'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Health } from '../../../ports/service.ts'
import { loadClient } from '../../../runtime/clients.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { type BrokerAddress, type BrokerUrlForm, parseBrokerUrl } from '../../broker-url.ts'
import type {
  Backlog,
  BrokerCapabilities,
  BrokerDriver,
  ConsumeRequest,
  Consumption,
  PublishFailure,
  WireMessage,
} from '../../driver.ts'
import { Bindings } from './bindings.ts'
import { type Checkpoint, checkpoints, noCheckpoint } from './checkpoints.ts'
import { type Access, type Connection, type ConnectionOptions, openConnection } from './connection.ts'
import { Link } from './link.ts'
import { Mosquitto } from './mosquitto.ts'
import { type Names, namesOf } from './names.ts'
import { Publishing, reasonIn } from './publishing.ts'
import { Replies } from './replies.ts'
import { Sessions } from './sessions.ts'
import { Subscription } from './subscription.ts'

const form: BrokerUrlForm = {
  example: 'mqtt://user:password@host:1883',
  ports: { mqtt: 1883, mqtts: 8883 },
  parameters: ['checkpoint'],
  partitions: 8,
}
/** Milliseconds for whoever consumes a partition to tell what waits in it. */
const backlogLimitMs = 1_000
/** Of MQTT 5: unspecified for older clients, bad user name or password, not authorized, banned. */
const denials = new Set([0x86, 0x87, 0x8a])

/**
 * MQTT 5, with a session of the broker for each partition of a group. Needs the package `mqtt`.
 *
 * Mosquitto keeps sessions in memory. It writes them to its file when it ends in order, and every `autosave_interval`; what it confirmed
 * after that is lost when it is killed, unless it is told to write after each change and the URL says `checkpoint=true`.
 */
export async function openMqtt(url: string, surroundings: Surroundings): Promise<BrokerDriver> {
  const address = parseBrokerUrl(url, form)
  if (address.path !== '') {
    throw new InfrastructureError(
      'invalid_argument',
      `The broker URL is wrong. It takes no path: ${form.example}. Names begin with the parameter prefix.`,
    )
  }
  const checkpoint = checkpointIn(address)
  const library = await loadClient('mqtt', () => import('mqtt'))
  return new Mqtt({ library, address, clock: surroundings.clock }, checkpoint, surroundings)
}

class Mqtt implements BrokerDriver {
  readonly name = 'mqtt'
  readonly capabilities: BrokerCapabilities
  readonly partitions: number
  readonly #names: Names
  readonly #replies: Replies
  readonly #bindings: Bindings
  readonly #sessions: Sessions
  readonly #link: Link
  readonly #publishing: Publishing
  readonly #mosquitto: Mosquitto
  readonly #checkpoint: Checkpoint
  readonly #surroundings: Surroundings
  readonly #connect: (options: ConnectionOptions) => Promise<Connection>
  /** What this process consumes of each group that it has bound; no entry where it has ended. */
  readonly #consumed = new Map<string, Set<Subscription>>()

  constructor(access: Access, checkpoint: boolean, surroundings: Surroundings) {
    const { prefix, partitions } = access.address
    this.capabilities = {
      ...{ durable: true, survivesKill: checkpoint, orderAcrossTypes: true },
      ...{ history: false, largeMessages: true, backlogAtRest: false },
    }
    this.partitions = partitions
    this.#surroundings = surroundings
    this.#connect = options => openConnection(access, options)
    this.#names = namesOf(prefix)
    this.#replies = new Replies(this.#names.replies(surroundings.ids.next()), surroundings)
    this.#bindings = new Bindings(this.#names, this.#replies, partitions)
    this.#sessions = new Sessions(this.#names, partitions, this.#bindings, surroundings, this.#connect)
    this.#mosquitto = new Mosquitto(surroundings)
    this.#checkpoint = checkpoint ? checkpoints(this.#names.checkpoint) : noCheckpoint
    this.#link = new Link(
      surroundings,
      () => this.#connect({ take: packet => this.#take(packet) }),
      connection => this.#prepare(connection),
    )
    this.#publishing = new Publishing(
      this.#link,
      this.#names,
      this.#sessions,
      partitions,
      this.#checkpoint,
      surroundings,
    )
  }

  async open(): Promise<string | undefined> {
    await this.#link.open()
    // Whoever waits for its file has read what follows.
    if (this.capabilities.survivesKill || !this.#mosquitto.there) return undefined
    return (
      'Mosquitto keeps messages in memory: when it is killed, those since it last wrote its file are lost. Set autosave_interval 1 and ' +
      'autosave_on_changes true, and add checkpoint=true to the broker URL.'
    )
  }

  denies(error: unknown): boolean {
    const reason = reasonIn(error)
    return reason !== undefined && denials.has(reason)
  }

  async bind(group: string, topics: readonly string[]): Promise<void> {
    const way = this.#link.require()
    await this.#sessions.bind(way, group, topics)
    if (!this.#consumed.has(group)) this.#consumed.set(group, new Set())
    await this.#checkpoint(way)
  }

  unbind(group: string, topic: string, others: readonly string[]): Promise<number> {
    return this.#sessions.unbind(this.#link.require(), group, topic, others.length === 0)
  }

  publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    return this.#publishing.publish(messages)
  }

  async consume(request: ConsumeRequest): Promise<Consumption> {
    const { group } = request
    const parts = {
      names: this.#names,
      link: this.#link,
      surroundings: this.#surroundings,
      connect: this.#connect,
    }
    const subscription = new Subscription(request, parts)
    const consumed = this.#consumed.get(group) ?? new Set()
    this.#consumed.set(group, consumed.add(subscription))
    subscription.start()
    return {
      stop: () => subscription.stop(),
      close: async () => {
        consumed.delete(subscription)
        if (consumed.size === 0) this.#consumed.delete(group)
        await subscription.close()
      },
    }
  }

  /** As those tell who consume: a broker of MQTT tells nothing. Where nobody answers, it is at least the question that waits. */
  backlog(groups: readonly string[]): Promise<readonly Backlog[]> {
    return Promise.all(
      groups
        .filter(group => this.#consumed.has(group))
        .map(async group => {
          const way = this.#link.require()
          const partitions = Array.from({ length: this.partitions }, (_, partition) => partition)
          const answers = await Promise.all(
            partitions.map(partition =>
              this.#replies.ask(way, this.#names.marker(group, partition), backlogLimitMs),
            ),
          )
          const waiting = answers.reduce((sum, answer) => sum + Number(answer ?? 1), 0)
          return { group, waiting, oldest: undefined }
        }),
    )
  }

  async health(): Promise<Health> {
    if (!this.#link.connection) return { status: 'degraded', detail: 'MQTT: Not connected.' }
    return this.#mosquitto.health()
  }

  async close(): Promise<void> {
    const subscriptions = [...this.#consumed.values()].flatMap(consumed => [...consumed])
    await Promise.all(subscriptions.map(subscription => subscription.close()))
    await this.#link.close()
  }

  #take(packet: IPublishPacket): void {
    if (packet.topic === this.#replies.topic) this.#replies.take(packet)
    else if (!this.#mosquitto.take(packet)) this.#bindings.take(packet)
  }

  async #prepare(connection: Connection): Promise<void> {
    await connection.subscribe([this.#replies.topic])
    await this.#mosquitto.watch(connection, this.#replies)
    await this.#sessions.restore(connection)
  }
}

function checkpointIn({ parameters }: BrokerAddress): boolean {
  const given = parameters.get('checkpoint') ?? 'false'
  if (given === 'true' || given === 'false') return given === 'true'
  throw new InfrastructureError(
    'invalid_argument',
    `The broker URL is wrong. checkpoint: '${given}' is neither true nor false.`,
  )
}
