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
import { Link } from './link.ts'
import { Publishing } from './publishing.ts'
import { Subscription } from './subscription.ts'
import { Topology } from './topology.ts'

const form: BrokerUrlForm = {
  example: 'amqp://user:password@host:5672/vhost',
  ports: { amqp: 5672, amqps: 5671 },
  parameters: ['heartbeat'],
  partitions: 8,
}
/** Seconds. A process that does not answer for two of them gives back what it has in hand. */
const defaultHeartbeat = 5

/** RabbitMQ, with quorum queues and publisher confirms. Needs the package `amqplib`. */
export async function openRabbitmq(url: string, surroundings: Surroundings): Promise<BrokerDriver> {
  const address = parseBrokerUrl(url, form)
  const client = await loadClient('amqplib', () => import('amqplib'))
  return new Rabbitmq(address, client, surroundings)
}

class Rabbitmq implements BrokerDriver {
  readonly name = 'rabbitmq'
  readonly capabilities: BrokerCapabilities = {
    durable: true,
    survivesKill: true,
    orderAcrossTypes: true,
    history: false,
    largeMessages: true,
    backlogAtRest: true,
  }
  readonly partitions: number
  readonly #link: Link
  readonly #topology: Topology
  readonly #publishing: Publishing
  readonly #surroundings: Surroundings
  readonly #subscriptions = new Set<Subscription>()

  constructor(
    address: BrokerAddress,
    client: Pick<typeof import('amqplib'), 'connect'>,
    surroundings: Surroundings,
  ) {
    const { partitions, prefix, hosts, user, password, path, encrypted } = address
    this.partitions = partitions
    this.#surroundings = surroundings
    const options = hosts.map(({ host, port }) => ({
      ...{ protocol: encrypted ? 'amqps' : 'amqp', hostname: host, port, vhost: path || '/' },
      ...{ username: user ?? 'guest', password: password ?? 'guest', heartbeat: heartbeatOf(address) },
    }))
    this.#link = new Link(client, options, surroundings)
    this.#topology = new Topology(prefix, partitions, this.#link, surroundings.clock)
    this.#publishing = new Publishing(this.#link, this.#topology, partitions, surroundings)
  }

  async open(): Promise<void> {
    await this.#link.open()
    await this.#topology.restore()
  }

  denies(error: unknown): boolean {
    return error instanceof Error && /ACCESS_REFUSED|NOT_ALLOWED/.test(error.message)
  }

  bind(group: string, topics: readonly string[]): Promise<void> {
    return this.#topology.bind(group, topics)
  }

  unbind(group: string, topic: string, others: readonly string[]): Promise<number> {
    return this.#topology.unbind(group, topic, others.length === 0)
  }

  publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    return this.#publishing.publish(messages)
  }

  async consume(request: ConsumeRequest): Promise<Consumption> {
    const queue = this.#topology.queue(request.group, request.partition!)
    const restore = () => this.#topology.restore()
    const subscription = new Subscription(queue, request, this.#link, this.#surroundings, restore)
    await subscription.start()
    this.#subscriptions.add(subscription)
    return {
      stop: () => subscription.stop(),
      close: async () => {
        this.#subscriptions.delete(subscription)
        await subscription.close()
      },
    }
  }

  backlog(groups: readonly string[]): Promise<readonly Backlog[]> {
    return Promise.all(
      groups.map(async group => {
        let waiting = await this.#topology.waiting(group)
        for (const subscription of this.#subscriptions)
          if (subscription.group === group) waiting += subscription.inHand
        return { group, waiting, oldest: undefined }
      }),
    )
  }

  async health(): Promise<Health> {
    const { trouble } = this.#link
    return trouble ? { status: 'degraded', detail: `RabbitMQ: ${trouble}` } : { status: 'up' }
  }

  async close(): Promise<void> {
    for (const subscription of this.#subscriptions) await subscription.close()
    await this.#link.close()
  }
}

function heartbeatOf({ parameters }: BrokerAddress): number {
  const given = parameters.get('heartbeat')
  const seconds = given === undefined ? defaultHeartbeat : Number(given)
  if (Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= 600) return seconds
  throw new InfrastructureError(
    'invalid_argument',
    `The broker URL is wrong. heartbeat: '${given}' is no whole number of seconds from 1 to 600.`,
  )
}
