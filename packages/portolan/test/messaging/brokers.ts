import { after } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Admin } from '@platformatic/kafka'
import { openBroker } from 'portolan/messaging'
import { engineUrl, type ServerName, skipWithout } from 'portolan-engines'
import type { BrokerDriver } from '../../src/messaging/index.ts'

/** A broker on this machine, for tests. */
export interface TestBroker {
  /** As the matrix names it. */
  readonly name: string
  /** Why it must be skipped here. */
  readonly skip: string | false
  /** With a prefix that tests share: their groups and message types have names of their own. */
  readonly url: string
}

const kinds: readonly { readonly name: string; readonly engine: ServerName; readonly scheme: string }[] = [
  { name: 'RabbitMQ', engine: 'rabbitmq', scheme: 'amqp' },
  { name: 'NATS JetStream', engine: 'nats', scheme: 'nats' },
  { name: 'Redis Streams', engine: 'redis', scheme: 'redis' },
  { name: 'Kafka', engine: 'kafka', scheme: 'kafka' },
  { name: 'MQTT', engine: 'mqtt', scheme: 'mqtt' },
]

/** What the tests of a process leave in brokers that keep what nobody is bound to. */
const leftovers: Partial<Record<ServerName, (url: string, prefix: string) => Promise<void>>> = {
  async kafka(url, prefix) {
    const admin = new Admin({ clientId: 'portolan-test', bootstrapBrokers: [new URL(url).host] })
    const topics = (await admin.listTopics()).filter(topic => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
    await admin.close()
  },
  async nats(url, prefix) {
    const connection = await connect({ servers: new URL(url).host })
    const { streams } = await jetstreamManager(connection)
    const names: string[] = []
    for await (const name of streams.names()) if (name.startsWith(`${prefix}-`)) names.push(name)
    for (const name of names) await streams.delete(name)
    await connection.close()
  },
}

/** The same for every use in this process, at whose end what is left behind it goes. */
function prefixFor(engine: ServerName, url: string): string {
  const remove = leftovers[engine]
  if (!remove) return 'portolan-test'
  const prefix = `portolan-test-${process.pid}`
  after(() => remove(url, prefix))
  return prefix
}

/** Each broker that messaging runs over. */
export const brokers: readonly TestBroker[] = await Promise.all(
  kinds.map(async ({ name, engine, scheme }) => {
    const skip = await skipWithout(engine)
    // Skipped tests are listed too, and for that a driver is made, which connects to nothing.
    const url = skip ? `${scheme}://localhost` : await engineUrl(engine)
    return {
      name,
      skip,
      url: `${url}/?prefix=${skip ? 'portolan-test' : prefixFor(engine, url)}&partitions=2`,
    }
  }),
)

export interface Members extends AsyncDisposable {
  open(): Promise<BrokerDriver>
  /** That a process of its own binds them. */
  bound(group: string, topic: string): void
}

/** The brokers of a test's members. What they have bound is unbound at its end, so that nothing stays behind. */
export function membersOf({ url }: TestBroker): Members {
  const bound = new Map<string, string>()
  return {
    async open() {
      const driver = await openBroker(url)
      const bind = driver.bind.bind(driver)
      driver.bind = (group, topics) => {
        if (topics[0] !== undefined) bound.set(group, topics[0])
        return bind(group, topics)
      }
      return driver
    },
    bound: (group, topic) => void bound.set(group, topic),
    async [Symbol.asyncDispose]() {
      if (bound.size === 0) return
      const driver = await openBroker(url)
      await driver.open()
      for (const [group, topic] of bound) await driver.unbind(group, topic, [])
      await driver.close()
    },
  }
}
