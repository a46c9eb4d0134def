import { jetstream } from '@nats-io/jetstream'
import { connect as natsConnect, headers as natsHeaders } from '@nats-io/transport-node'
import { connect as amqpConnect } from 'amqplib'
import { Redis } from 'ioredis'
import { connectAsync } from 'mqtt'
import type { TestBroker } from './brokers.ts'

/** What a program of another make publishes, in words of its own. */
export interface RawMessage {
  /** CloudEvents attributes by their names. */
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly contentType?: string
  readonly body: Buffer
}

/** The client library of a broker, without anything of ours. */
export interface RawClient extends AsyncDisposable {
  /** To where a group that is bound to `topic` finds it. */
  publish(group: string, topic: string, message: RawMessage): Promise<void>
  /** An attribute that is no text, as this broker can carry it. */
  readonly noText: unknown
  /** Bytes of the largest message that the broker takes, where that is small. */
  readonly largest?: number
}

/** As the tests' brokers have it, where nothing is left behind. */
const prefix = 'portolan-test'

const clients: Readonly<Record<string, (url: string) => Promise<RawClient>>> = {
  async RabbitMQ(url) {
    const connection = await amqpConnect(url)
    const channel = await connection.createConfirmChannel()
    return {
      noText: Buffer.of(0xff, 0xfe),
      async publish(_group, topic, { attributes = {}, contentType, body }) {
        const headers = Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [`cloudEvents_${name}`, value]),
        )
        channel.publish(`${prefix}.messages`, `0.${topic}`, body, { headers, contentType })
        await channel.waitForConfirms()
      },
      [Symbol.asyncDispose]: () => connection.close(),
    }
  },
  async 'NATS JetStream'(url) {
    const connection = await natsConnect({ servers: new URL(url).host })
    const stream = jetstream(connection)
    const own = new URL(url).searchParams.get('prefix')!
    return {
      noText: '%00',
      largest: 1_000_000,
      async publish(_group, topic, { attributes = {}, contentType, body }) {
        const headers = natsHeaders()
        for (const [name, value] of Object.entries(attributes)) headers.set(`ce-${name}`, String(value))
        if (contentType !== undefined) headers.set('content-type', contentType)
        await stream.publish(`${own}.0.${topic}`, body, { headers })
      },
      [Symbol.asyncDispose]: () => connection.close(),
    }
  },
  async 'Redis Streams'(url) {
    const redis = new Redis(new URL('/', url).href)
    return {
      noText: 'a\0b',
      async publish(group, _topic, { attributes = {}, contentType, body }) {
        const fields = Object.entries({ ...attributes, datacontenttype: contentType }).filter(
          (field): field is [string, string] => field[1] !== undefined,
        )
        await redis.xadd(`{${prefix}}:stream:${group}:0`, '*', ...fields.flat(), 'data', body)
      },
      async [Symbol.asyncDispose]() {
        redis.disconnect()
      },
    }
  },
  async MQTT(url) {
    const client = await connectAsync(new URL('/', url).href, { protocolVersion: 5 })
    return {
      // A property that comes twice.
      noText: ['one', 'two'],
      async publish(_group, topic, { attributes, contentType, body }) {
        const properties = {
          // An empty object makes the library write a packet that it does not end.
          ...(attributes && { userProperties: attributes as Record<string, string> }),
          ...(contentType !== undefined && { contentType }),
        }
        await client.publishAsync(`${prefix}/0/${topic}`, body, { qos: 1, properties })
      },
      [Symbol.asyncDispose]: () => client.endAsync(),
    }
  },
}

/** `undefined`: there is none for it here. */
export function rawClientOf({ name, url }: TestBroker): Promise<RawClient> | undefined {
  return clients[name]?.(url)
}
