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
import { Clients, type Library, type Mechanism } from './clients.ts'
import { Committed } from './committed.ts'
import { answersOf, plainly, rootOf } from './failures.ts'
import { GroupReader } from './group-reader.ts'
import { Publishing } from './publishing.ts'
import { Subscription } from './subscription.ts'
import { earliest, latest, Topics } from './topics.ts'

const form: BrokerUrlForm = {
  example: 'kafka://user:password@host:9092',
  ports: { kafka: 9092, 'kafka+ssl': 9093 },
  parameters: ['sasl'],
  partitions: 8,
}
const mechanisms: Readonly<Record<string, Mechanism>> = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
}
const healthTimeoutMs = 2_000

/** Kafka 3.5 or later: a topic for each message type. Needs the package `@platformatic/kafka`. */
export async function openKafka(url: string, surroundings: Surroundings): Promise<BrokerDriver> {
  const address = parseBrokerUrl(url, form)
  const mechanism = mechanismOf(address)
  const library = await loadClient('@platformatic/kafka', () => import('@platformatic/kafka'))
  return new Kafka(address, library, mechanism, surroundings)
}

class Kafka implements BrokerDriver {
  readonly name = 'kafka'
  readonly capabilities: BrokerCapabilities = {
    ...{ durable: true, survivesKill: true, orderAcrossTypes: false },
    ...{ history: false, largeMessages: false, backlogAtRest: true },
  }
  readonly partitions: number
  readonly #surroundings: Surroundings
  readonly #clients: Clients
  readonly #topics: Topics
  readonly #bindings: Bindings
  readonly #committed: Committed
  readonly #publishing: Publishing
  readonly #readers = new Map<string, GroupReader>()

  constructor(address: BrokerAddress, library: Library, mechanism: Mechanism, surroundings: Surroundings) {
    const { prefix, partitions } = address
    this.partitions = partitions
    this.#surroundings = surroundings
    this.#clients = new Clients(library, address, mechanism)
    this.#topics = new Topics(prefix, partitions, this.#clients)
    this.#bindings = new Bindings(prefix, this.#clients, this.#topics)
    this.#committed = new Committed(prefix, this.#clients)
    this.#publishing = new Publishing(this.#clients, this.#topics, partitions)
  }

  open(): Promise<void> {
    return plainly(this.#bindings.open())
  }

  denies(error: unknown): boolean {
    return answersOf(error).some(answer => /_AUTHENTICATION_FAILED$|_AUTHORIZATION_FAILED$/.test(answer))
  }

  async bind(group: string, topics: readonly string[]): Promise<void> {
    const names = topics.map(topic => this.#topics.name(topic))
    await this.#topics.ensure(names)
    await this.#bindings.add(group, names)
  }

  async unbind(group: string, topic: string, others: readonly string[]): Promise<number> {
    await this.#bindings.refresh()
    const bound = this.#bindings.topicsOf(group)
    const ended = others.length === 0 ? bound : bound.filter(name => name === this.#topics.name(topic))
    await this.#topics.ensure(ended)
    const [waiting = 0] = await this.#waiting([group], () => ended)
    await this.#bindings.remove(group, ended)
    if (others.length === 0) await this.#committed.removeAll(group)
    else await this.#committed.remove(group, this.#topics.all(ended))
    return waiting
  }

  publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    return this.#publishing.publish(messages)
  }

  async consume(request: ConsumeRequest): Promise<Consumption> {
    const reader = this.#readerOf(request.group)
    const subscription = new Subscription(request, this.#topics, reader)
    reader.add(subscription)
    return subscription
  }

  async backlog(groups: readonly string[]): Promise<readonly Backlog[]> {
    await this.#bindings.refresh()
    const topics = [...new Set(groups.flatMap(group => this.#bindings.topicsOf(group)))]
    await this.#topics.ensure(topics)
    const waiting = await this.#waiting(groups, group => this.#bindings.topicsOf(group))
    return groups.map((group, at) => ({ group, waiting: waiting[at]!, oldest: undefined }))
  }

  async health(): Promise<Health> {
    const answer = this.#clients.admin.metadata({ topics: [], forceUpdate: true, retries: 0 })
    const late = Promise.withResolvers<never>()
    const timer = this.#surroundings.clock.timer(healthTimeoutMs, () =>
      late.reject(new Error('It does not answer.')),
    )
    try {
      await Promise.race([answer, late.promise])
      return { status: 'up' }
    } catch (error) {
      return { status: 'degraded', detail: `Kafka: ${rootOf(error).message}` }
    } finally {
      timer.cancel()
    }
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.close()
    this.#clients.renew()
  }

  #readerOf(group: string): GroupReader {
    const known = this.#readers.get(group)
    if (known) return known
    const reader = new GroupReader(group, {
      ...{ clients: this.#clients, topics: this.#topics, surroundings: this.#surroundings },
      ...{ bindings: this.#bindings, committed: this.#committed },
    })
    this.#readers.set(group, reader)
    return reader
  }

  /** What waits for each group in its topics: as far as this process reads them, it knows better than what is committed. */
  async #waiting(
    groups: readonly string[],
    topicsOf: (group: string) => readonly string[],
  ): Promise<number[]> {
    const places = this.#topics.all([...new Set(groups.flatMap(topicsOf))])
    if (places.length === 0) return groups.map(() => 0)
    const [committed, firsts, ends] = await Promise.all([
      this.#committed.of(groups),
      this.#topics.offsets(places, earliest),
      this.#topics.offsets(places, latest),
    ])
    return groups.map((group, at) => {
      let waiting = 0
      for (const place of this.#topics.all(topicsOf(group))) {
        const end = ends.get(place) ?? 0n
        const progress = this.#readers.get(group)?.progressOf(place)
        if (progress) waiting += progress.remaining(end)
        else {
          const offsets = [firsts.get(place), this.#bindings.start(group, place), committed[at]!.get(place)]
          waiting += Math.max(0, Number(end - offsets.reduce<bigint>(greater, 0n)))
        }
      }
      return waiting
    })
  }
}

function greater(a: bigint, b: bigint | undefined): bigint {
  return b !== undefined && b > a ? b : a
}

function mechanismOf({ parameters }: BrokerAddress): Mechanism {
  const given = parameters.get('sasl') ?? 'plain'
  const mechanism = mechanisms[given.toLowerCase()]
  if (mechanism) return mechanism
  throw new InfrastructureError(
    'invalid_argument',
    `The broker URL is wrong. sasl: '${given}' is none of ${Object.keys(mechanisms).join(', ')}.`,
  )
}
