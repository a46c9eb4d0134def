import type { Redis } from 'ioredis'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Health } from '../../../ports/service.ts'
import { isAnswer, type RedisAddress } from '../../../redis/index.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { type BrokerUrlForm, parseBrokerUrl } from '../../broker-url.ts'
import { toHeaders } from '../../cloud-events.ts'
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
import { plainName } from '../plain-name.ts'
import { connected, type StreamsClient, streamsClient } from './client.ts'
import { inner, type Keys, keysOf } from './scripts.ts'
import { dataField, Subscription } from './subscription.ts'

const form: BrokerUrlForm = {
  example: 'redis://user:password@host:6379/0',
  ports: { redis: 6379, rediss: 6380 },
  partitions: 8,
}
const timeouts = { connectTimeoutMs: 5_000, commandTimeoutMs: 10_000 }

/**
 * Redis Streams: a stream for each partition of a group. Needs the package `ioredis` and Redis 7 or later.
 *
 * Redis keeps what it has written to its append-only file: with `appendfsync always` nothing, with `everysec` up to a second is
 * lost when its machine fails, and everything since the last snapshot without an append-only file. What it lost so was confirmed before.
 */
export async function openRedis(url: string, surroundings: Surroundings): Promise<BrokerDriver> {
  const address = parseBrokerUrl(url, form)
  if (!/^\d*$/.test(address.path)) {
    throw new InfrastructureError(
      'invalid_argument',
      `The broker URL is wrong. '${address.path}' is no number of a database, as in ${form.example}.`,
    )
  }
  const { user, password, encrypted, prefix, path } = address
  const [{ host, port }] = address.hosts as [(typeof address.hosts)[0]]
  return new RedisStreams(
    { host, port, user, password, database: Number(path), encrypted, prefix, ...timeouts },
    address.partitions,
    surroundings,
  )
}

class RedisStreams implements BrokerDriver {
  readonly name = 'redis'
  readonly capabilities: BrokerCapabilities = {
    durable: true,
    survivesKill: true,
    orderAcrossTypes: true,
    history: false,
    largeMessages: true,
    backlogAtRest: true,
  }
  readonly partitions: number
  readonly #address: RedisAddress
  readonly #keys: Keys
  readonly #surroundings: Surroundings
  readonly #subscriptions = new Map<string, Subscription>()
  #opened: StreamsClient | undefined
  /** For the channel alone: such a connection can do nothing else. */
  #listener: Redis | undefined

  constructor(address: RedisAddress, partitions: number, surroundings: Surroundings) {
    this.#address = address
    this.#keys = keysOf(address.prefix)
    this.partitions = partitions
    this.#surroundings = surroundings
  }

  async open(): Promise<string | undefined> {
    const redis = await connected(this.#address)
    this.#opened = streamsClient(redis)
    this.#listener = await connected(this.#address)
    this.#listener.on('message', (_channel, stream) => this.#subscriptions.get(stream)?.wake())
    await this.#listener.subscribe(this.#keys.added)
    redis.on('ready', () => {
      for (const subscription of this.#subscriptions.values()) subscription.lost()
    })
    return this.#whatItLoses()
  }

  denies(error: unknown): boolean {
    return isAnswer(error) && /^(NOAUTH|WRONGPASS|NOPERM) /.test(error.message)
  }

  async bind(group: string, topics: readonly string[]): Promise<void> {
    const name = plainName(group)
    for (let partition = 0; partition < this.partitions; partition++) {
      const stream = this.#keys.stream(name, partition)
      await this.#redis.xgroup('CREATE', stream, inner, '0', 'MKSTREAM').catch(ignoreExisting)
    }
    for (const topic of topics) await this.#redis.sadd(this.#keys.groups(topic), name)
  }

  async unbind(group: string, topic: string, others: readonly string[]): Promise<number> {
    const name = plainName(group)
    await this.#redis.srem(this.#keys.groups(topic), name)
    if (others.length > 0) return 0
    const streams = this.#streamsOf(group)
    const lengths = await Promise.all(streams.map(stream => this.#redis.xlen(stream)))
    await this.#redis.hdel(this.#keys.owners, ...streams)
    await this.#redis.del(...streams)
    return lengths.reduce((sum, length) => sum + length, 0)
  }

  /** Pipelined on one connection, so that Redis takes them in order, and after a loss of it none of those that follow. */
  async publish(messages: readonly WireMessage[]): Promise<readonly PublishFailure[]> {
    const failures: PublishFailure[] = []
    const answers = await Promise.allSettled(messages.map(message => this.#publish(message)))
    for (const [at, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') continue
      // An answer of Redis is about this message; without one, nothing is known about any.
      if (!isAnswer(answer.reason)) throw answer.reason
      failures.push({ id: messages[at]!.id, error: answer.reason, permanent: false })
    }
    return failures
  }

  async consume(request: ConsumeRequest): Promise<Consumption> {
    const stream = this.#keys.stream(plainName(request.group), request.partition!)
    const subscription = new Subscription(stream, request, this.#client, this.#keys, this.#surroundings)
    this.#subscriptions.set(stream, subscription)
    subscription.start()
    return {
      stop: () => subscription.stop(),
      close: async () => {
        if (this.#subscriptions.get(stream) === subscription) this.#subscriptions.delete(stream)
        await subscription.close()
      },
    }
  }

  backlog(groups: readonly string[]): Promise<readonly Backlog[]> {
    return Promise.all(
      groups.map(async group => {
        const streams = this.#streamsOf(group)
        // What is in hand is still in its stream.
        const lengths = await Promise.all(streams.map(stream => this.#redis.xlen(stream)))
        const firsts = await Promise.all(
          streams.map(stream => this.#redis.xrange(stream, '-', '+', 'COUNT', 1)),
        )
        const times = firsts.flatMap(([entry]) => (entry ? [Number.parseInt(entry[0], 10)] : []))
        return {
          group,
          waiting: lengths.reduce((sum, length) => sum + length, 0),
          oldest: times.length === 0 ? undefined : new Date(Math.min(...times)),
        }
      }),
    )
  }

  async health(): Promise<Health> {
    if (this.#opened?.redis.status === 'ready') return { status: 'up' }
    return { status: 'degraded', detail: 'Redis: Not connected.' }
  }

  async close(): Promise<void> {
    for (const subscription of this.#subscriptions.values()) await subscription.close()
    this.#opened?.redis.disconnect()
    this.#listener?.disconnect()
  }

  #publish(message: WireMessage): Promise<number> {
    const { tag, groups } = this.#keys
    const fields = Object.entries(toHeaders(message, '')).flat()
    const partition = String(partitionOf(message, this.partitions))
    return this.#client.publish(
      [groups(message.topic)],
      [tag, partition, ...fields, dataField, message.payload],
    )
  }

  #streamsOf(group: string): string[] {
    const name = plainName(group)
    return Array.from({ length: this.partitions }, (_, partition) => this.#keys.stream(name, partition))
  }

  async #whatItLoses(): Promise<string | undefined> {
    // Where the configuration may not be read, its administrator knows it.
    const answer = await this.#redis.config('GET', 'appendonly').catch(() => [])
    if (!Array.isArray(answer) || answer[1] !== 'no') return undefined
    return 'Redis keeps no append-only file: when it fails, messages since its last snapshot are lost. Set appendonly to yes.'
  }

  get #client(): StreamsClient {
    if (this.#opened) return this.#opened
    throw new Error('Redis is not connected.')
  }

  get #redis(): Redis {
    return this.#client.redis
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error
}
